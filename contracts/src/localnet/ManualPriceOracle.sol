// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {IPriceOracle} from "../IPriceOracle.sol";

/// @title ManualPriceOracle
/// @notice The oracle as it is deployed on Jeju, version 1.0.0, rewritten for local chains: same interface, bounds,
/// errors and events. All prices are USD with 8 decimals.
contract ManualPriceOracle is IPriceOracle, Ownable {
    uint256 public constant PRICE_STALE_THRESHOLD = 1 hours;
    /// @notice Largest change of either price in one update, in whole percent: 50.99 % still passes.
    uint256 public constant MAX_DEVIATION_PCT = 50;
    /// @notice $500.
    uint256 public constant MIN_ETH_PRICE = 500e8;
    /// @notice $10,000.
    uint256 public constant MAX_ETH_PRICE = 10_000e8;
    /// @notice $0.000001.
    uint256 public constant MIN_ELIZA_PRICE = 100;
    /// @notice $10,000.
    uint256 public constant MAX_ELIZA_PRICE = 10_000e8;

    /// @dev Prices older than this may be replaced by any price within the bounds.
    uint256 private constant DEVIATION_EXEMPT_AGE = 1 days;

    uint256 public ethUsdPrice;
    uint256 public elizaUsdPrice;
    /// @notice Block timestamp of the last write, in seconds.
    uint256 public lastUpdateTime;
    /// @notice May call `updatePrices`, as may the owner. Zero until set.
    address public priceUpdater;

    event PricesUpdated(uint256 ethPrice, uint256 elizaPrice, uint256 timestamp);
    event PriceUpdaterSet(address indexed updater);

    error PriceOutOfBounds();
    error PriceDeviationTooLarge();
    error NotAuthorized();
    error InvalidAddress();

    constructor(uint256 initialEthUsd, uint256 initialElizaUsd, address initialOwner) Ownable(initialOwner) {
        _requireWithinBounds(initialEthUsd, initialElizaUsd);
        ethUsdPrice = initialEthUsd;
        elizaUsdPrice = initialElizaUsd;
        lastUpdateTime = block.timestamp;
    }

    /// @inheritdoc IPriceOracle
    function updatePrices(uint256 newEthUsd, uint256 newElizaUsd) public virtual {
        if (msg.sender != priceUpdater && msg.sender != owner()) revert NotAuthorized();
        _requireWithinBounds(newEthUsd, newElizaUsd);
        if (block.timestamp - lastUpdateTime <= DEVIATION_EXEMPT_AGE) {
            _requireSmallMove(ethUsdPrice, newEthUsd);
            _requireSmallMove(elizaUsdPrice, newElizaUsd);
        }
        _write(newEthUsd, newElizaUsd);
    }

    /// @notice Replace both prices without the deviation limit. The bounds still apply.
    function emergencyPriceUpdate(uint256 newEthUsd, uint256 newElizaUsd) external onlyOwner {
        _requireWithinBounds(newEthUsd, newElizaUsd);
        _write(newEthUsd, newElizaUsd);
    }

    function setPriceUpdater(address updater) external onlyOwner {
        if (updater == address(0)) revert InvalidAddress();
        priceUpdater = updater;
        emit PriceUpdaterSet(updater);
    }

    /// @inheritdoc IPriceOracle
    function getPrices() external view returns (uint256 ethUsd, uint256 elizaUsd, uint256 lastUpdate, bool fresh) {
        return (ethUsdPrice, elizaUsdPrice, lastUpdateTime, isPriceFresh());
    }

    /// @notice Whether the last write is at most one hour old.
    function isPriceFresh() public view returns (bool) {
        return block.timestamp - lastUpdateTime <= PRICE_STALE_THRESHOLD;
    }

    /// @inheritdoc IPriceOracle
    function getElizaOSPerETH() public view returns (uint256) {
        return ethUsdPrice * 1e18 / elizaUsdPrice;
    }

    /// @param ethAmount Wei.
    /// @return Units of elizaOS (18 decimals) worth that much.
    function previewConversion(uint256 ethAmount) external view returns (uint256) {
        return ethAmount * getElizaOSPerETH() / 1 ether;
    }

    function version() external pure returns (string memory) {
        return "1.0.0";
    }

    function _write(uint256 newEthUsd, uint256 newElizaUsd) private {
        ethUsdPrice = newEthUsd;
        elizaUsdPrice = newElizaUsd;
        lastUpdateTime = block.timestamp;
        emit PricesUpdated(newEthUsd, newElizaUsd, block.timestamp);
    }

    function _requireWithinBounds(uint256 ethUsd, uint256 elizaUsd) private pure {
        if (ethUsd < MIN_ETH_PRICE || ethUsd > MAX_ETH_PRICE) revert PriceOutOfBounds();
        if (elizaUsd < MIN_ELIZA_PRICE || elizaUsd > MAX_ELIZA_PRICE) revert PriceOutOfBounds();
    }

    function _requireSmallMove(uint256 previous, uint256 next) private pure {
        uint256 difference = next > previous ? next - previous : previous - next;
        if (difference * 100 / previous > MAX_DEVIATION_PCT) revert PriceDeviationTooLarge();
    }
}
