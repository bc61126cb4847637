// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IPriceOracle} from "./IPriceOracle.sol";

/// @title FencedPriceUpdater
/// @notice Holds the oracle's `priceUpdater` role for a fleet of bots, each with its own revocable key, and forwards
/// an update only while the oracle still is in exactly the state that the bot decided on.
/// @dev The state is `(ethUsd, elizaUsd, lastUpdate, updateCount)`: the oracle's own three values plus the number of
/// updates forwarded here. Read all four at one block (`state()`).
///
/// Fenced, so that the call reverts with `StateChanged`:
/// - any update by another bot, even in the same block or with an equal timestamp, because each one raises
///   `updateCount`. This is what closes A-B-A: A, then B, then A again, all within one timestamp, leaves the oracle's
///   three values as they were but not the count;
/// - any write by the oracle's owner that changes a price or lands at another timestamp;
/// - a reorganisation that changed any of the four, and a transaction signed long ago that is included late (which
///   the deadline stops too).
///
/// Not fenced:
/// - writes by the oracle's owner, at the very timestamp of the state that the bot saw, that end in the very prices
///   it saw. They do not pass through here, so nothing counts them; the state the bot decided on then still is the
///   state it replaces;
/// - a bot key that lies about what it saw. The fence orders honest bots; it does not judge prices. Bounds and the
///   deviation limit are the oracle's.
contract FencedPriceUpdater is Ownable2Step {
    /// @notice The oracle whose `priceUpdater` this contract is meant to be.
    IPriceOracle public immutable oracle;

    /// @notice Updates forwarded since deployment. Strictly increasing, one per landed update.
    uint256 public updateCount;

    /// @notice Whether an address may forward updates.
    mapping(address bot => bool allowed) public isBot;

    /// @notice The owner allowed or revoked a bot.
    event BotSet(address indexed bot, bool allowed);

    /// @notice An update landed. `expectedLastUpdate` is the state it replaced, in seconds.
    event PricesForwarded(address indexed bot, uint256 ethUsd, uint256 elizaUsd, uint256 expectedLastUpdate);

    /// @notice The caller is not in the set of bots.
    error NotABot(address caller);

    /// @notice The transaction was included after its deadline. Both in seconds.
    error DeadlinePassed(uint256 deadline, uint256 nowTimestamp);

    /// @notice The oracle is not in the expected state. The values are the actual state.
    error StateChanged(uint256 ethUsd, uint256 elizaUsd, uint256 lastUpdate, uint256 updateCount);

    /// @notice The zero address cannot be a bot.
    error InvalidAddress();

    /// @notice The oracle given at deployment has no code on this chain.
    error OracleHasNoCode(address oracle);

    /// @notice Without an owner a leaked bot key could never be revoked. Transfer the ownership instead.
    error OwnershipCannotBeRenounced();

    /// @param oracle_ The deployed oracle. Its owner must then call `setPriceUpdater` with this contract's address.
    /// @param initialOwner Who manages the bots. Must not be the zero address.
    constructor(IPriceOracle oracle_, address initialOwner) Ownable(initialOwner) {
        if (address(oracle_).code.length == 0) revert OracleHasNoCode(address(oracle_));
        oracle = oracle_;
    }

    /// @notice Allow or revoke a bot. Takes effect for the next transaction.
    function setBot(address bot, bool allowed) external onlyOwner {
        if (bot == address(0)) revert InvalidAddress();
        isBot[bot] = allowed;
        emit BotSet(bot, allowed);
    }

    /// @notice Forward an update, provided that the state is the expected one. Checks, in this order: caller,
    /// deadline, state. The oracle's own errors (bounds, deviation, authorisation) bubble up unchanged.
    /// @dev Calldata after the arguments is accepted and ignored: bots append a tag that names them and their term.
    /// @param expectedEthUsd USD per ETH that the bot saw, 8 decimals.
    /// @param expectedElizaUsd USD per elizaOS that the bot saw, 8 decimals.
    /// @param expectedLastUpdate The oracle's last update that the bot saw, in seconds.
    /// @param expectedUpdateCount `updateCount` that the bot saw.
    /// @param newEthUsd New USD per ETH, 8 decimals.
    /// @param newElizaUsd New USD per elizaOS, 8 decimals.
    /// @param deadline Last block timestamp, in seconds, at which the update may land.
    function updatePrices(
        uint256 expectedEthUsd,
        uint256 expectedElizaUsd,
        uint256 expectedLastUpdate,
        uint256 expectedUpdateCount,
        uint256 newEthUsd,
        uint256 newElizaUsd,
        uint256 deadline
    ) external {
        if (!isBot[msg.sender]) revert NotABot(msg.sender);
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
        (uint256 ethUsd, uint256 elizaUsd, uint256 lastUpdate, uint256 count) = state();
        if (
            ethUsd != expectedEthUsd || elizaUsd != expectedElizaUsd || lastUpdate != expectedLastUpdate
                || count != expectedUpdateCount
        ) revert StateChanged(ethUsd, elizaUsd, lastUpdate, count);

        updateCount = count + 1;
        emit PricesForwarded(msg.sender, newEthUsd, newElizaUsd, expectedLastUpdate);
        oracle.updatePrices(newEthUsd, newElizaUsd);
    }

    /// @notice What a bot must have seen for its update to land: both prices (8 decimals), the last update (seconds)
    /// and the number of updates forwarded here.
    function state()
        public
        view
        returns (uint256 ethUsd, uint256 elizaUsd, uint256 lastUpdate, uint256 forwardedUpdates)
    {
        (ethUsd, elizaUsd, lastUpdate,) = oracle.getPrices();
        forwardedUpdates = updateCount;
    }

    /// @notice Always reverts with `OwnershipCannotBeRenounced`.
    function renounceOwnership() public view override onlyOwner {
        revert OwnershipCannotBeRenounced();
    }
}
