// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title MockAggregator
/// @notice A Chainlink AggregatorV3 feed that a script controls completely: any answer, time and round, valid or not.
/// Serves as a price feed and as a sequencer-uptime feed (answer 0 = up, 1 = down, `startedAt` = since when).
/// @dev Anyone may write and nothing is immutable, so the code also works when a local chain copies it to a well-known
/// address and sets every value there.
contract MockAggregator {
    struct Round {
        int256 answer;
        uint256 startedAt;
        uint256 updatedAt;
        uint80 answeredInRound;
    }

    uint8 public decimals;
    string public description;
    uint256 public constant version = 4;
    uint80 public latestRound;
    mapping(uint80 roundId => Round) private _rounds;

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    /// @dev The name of the deployed feeds' own revert reason.
    error NoDataPresent(uint80 roundId);

    /// @param initialAnswer The answer of round 1, updated at the block of deployment.
    constructor(uint8 decimals_, string memory description_, int256 initialAnswer) {
        decimals = decimals_;
        description = description_;
        setAnswer(initialAnswer);
    }

    function setDecimals(uint8 decimals_) external {
        decimals = decimals_;
    }

    /// @notice Begin and complete the next round now, as a healthy feed does.
    function setAnswer(int256 answer) public {
        uint80 roundId = latestRound + 1;
        setRoundData(roundId, answer, block.timestamp, block.timestamp, roundId);
    }

    /// @notice Make these exact values the latest round, plausible or not. Times in seconds.
    function setRoundData(
        uint80 roundId,
        int256 answer,
        uint256 startedAt,
        uint256 updatedAt,
        uint80 answeredInRound
    ) public {
        _rounds[roundId] = Round(answer, startedAt, updatedAt, answeredInRound);
        latestRound = roundId;
        emit AnswerUpdated(answer, roundId, updatedAt);
    }

    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        Round storage round = _rounds[latestRound];
        return (latestRound, round.answer, round.startedAt, round.updatedAt, round.answeredInRound);
    }

    /// @dev Reverts with `NoDataPresent` for a round that was never set, or was set with `updatedAt` 0.
    function getRoundData(uint80 id)
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        Round storage round = _rounds[id];
        if (round.updatedAt == 0) revert NoDataPresent(id);
        return (id, round.answer, round.startedAt, round.updatedAt, round.answeredInRound);
    }
}
