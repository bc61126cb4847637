// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IPriceOracle} from "../IPriceOracle.sol";

/// @title Paymaster
/// @notice The oracle's consumer on local chains: quotes gas in elizaOS while it is not paused and the price is fresh.
contract Paymaster is Ownable, Pausable {
    IPriceOracle public immutable oracle;

    /// @notice The oracle's last update, in seconds, is more than one hour old.
    error StalePrice(uint256 lastUpdate);

    constructor(IPriceOracle oracle_, address initialOwner) Ownable(initialOwner) {
        oracle = oracle_;
    }

    function pause() external onlyOwner {
        _pause();
    }

    function unpause() external onlyOwner {
        _unpause();
    }

    /// @param gasCostWei What the gas costs in wei.
    /// @return Units of elizaOS (18 decimals) to charge for it.
    function quote(uint256 gasCostWei) external view whenNotPaused returns (uint256) {
        (,, uint256 lastUpdate, bool fresh) = oracle.getPrices();
        if (!fresh) revert StalePrice(lastUpdate);
        return gasCostWei * oracle.getElizaOSPerETH() / 1 ether;
    }

    /// @notice Whether `quote` would answer.
    function isOperational() external view returns (bool) {
        (,,, bool fresh) = oracle.getPrices();
        return fresh && !paused();
    }
}
