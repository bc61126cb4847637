// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {ManualPriceOracle} from "./ManualPriceOracle.sol";

/// @title PausableManualPriceOracle
/// @notice The oracle as the runbooks describe it: with `paused()`, `pause()` and `unpause()`, which the deployed one
/// does not have. Paused, `updatePrices` reverts with `EnforcedPause`; `emergencyPriceUpdate` still works.
contract PausableManualPriceOracle is ManualPriceOracle, Pausable {
    constructor(uint256 initialEthUsd, uint256 initialElizaUsd, address initialOwner)
        ManualPriceOracle(initialEthUsd, initialElizaUsd, initialOwner)
    {}

    function updatePrices(uint256 newEthUsd, uint256 newElizaUsd) public override whenNotPaused {
        super.updatePrices(newEthUsd, newElizaUsd);
    }

    function pause() external onlyOwner {
        _pause();
    }

    function unpause() external onlyOwner {
        _unpause();
    }
}
