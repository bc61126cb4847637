// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice The part of the Jeju price oracle that other contracts depend on. Prices are USD with 8 decimals.
interface IPriceOracle {
    /// @return ethUsd USD per ETH, 8 decimals.
    /// @return elizaUsd USD per elizaOS, 8 decimals.
    /// @return lastUpdate Block timestamp of the last write, in seconds.
    /// @return fresh True while the last write is at most one hour old.
    function getPrices() external view returns (uint256 ethUsd, uint256 elizaUsd, uint256 lastUpdate, bool fresh);

    /// @return Units of elizaOS (18 decimals) worth one ETH.
    function getElizaOSPerETH() external view returns (uint256);

    /// @notice Replace both prices. Only the oracle's `priceUpdater` or owner may call it.
    function updatePrices(uint256 newEthUsd, uint256 newElizaUsd) external;
}
