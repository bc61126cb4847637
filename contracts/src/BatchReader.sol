// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title BatchReader
/// @notice Many reads of one block in one `eth_call` without `to`: data = creation code + abi.encode(account, calls).
/// Nothing is deployed; the constructor returns `abi.encode(Snapshot)`, which decodes as the result of `read`.
/// @dev Works on any chain and at any block, also where no multicall contract is deployed. The block itself says which
/// one it is, so a node cannot answer from one block and label it as another.
///
/// One bad target never harms the others. Each call gets an equal share of the gas that remains and an equal share of
/// the space that remains, and what it leaves over goes to the calls after it.
///
/// Limits, as the node treats the returned bytes as contract code: at most 24,576 bytes in all (EIP-170), paid with 200
/// gas per byte, and creation code plus arguments at most 49,152 bytes (EIP-3860). Call it with at least 10 million
/// gas; nodes default to their cap or to the block gas limit, which is more.
contract BatchReader {
    struct Call {
        address target;
        bytes callData;
    }

    struct Result {
        /// False if the call reverted, ran out of its share of gas, had no code to run or returned too much.
        bool success;
        /// The call's return or revert data, or one of the errors declared below.
        bytes returnData;
    }

    struct Snapshot {
        uint256 chainId;
        uint256 blockNumber;
        /// Seconds.
        uint256 blockTimestamp;
        bytes32 parentHash;
        /// Wei.
        uint256 accountBalance;
        Result[] results;
    }

    /// @notice A result's `returnData` when its target has no code: there is nothing that could have answered.
    error TargetHasNoCode(address target);

    /// @notice A result's `returnData` when the call answered with more bytes than its share. Send fewer calls at once.
    error ReturnDataTooLarge(uint256 size, uint256 limit);

    /// @notice Too many calls for the space that a result must have even to report its failure.
    error TooManyCalls(uint256 calls, uint256 limit);

    /// @notice Nothing is ever deployed, so nothing can be called.
    error DeploylessOnly();

    /// @dev EIP-170, minus what a snapshot without results takes: one offset, six fields, one length.
    uint256 private constant RESULT_SPACE = 24_576 - 8 * 32;

    /// @dev What one result takes beside its data: its offset, the flag, the data's offset and length.
    uint256 private constant RESULT_OVERHEAD = 4 * 32;

    /// @dev Room for the largest of the errors above (68 bytes) in whole words.
    uint256 private constant MIN_RETURN_SPACE = 3 * 32;

    /// @dev Kept back for encoding the snapshot and for the 200 gas per returned byte, at the largest size.
    uint256 private constant RESERVED_GAS = 24_576 * 250;

    constructor(address account, Call[] memory calls) {
        uint256 limit = RESULT_SPACE / (RESULT_OVERHEAD + MIN_RETURN_SPACE);
        if (calls.length > limit) revert TooManyCalls(calls.length, limit);

        bytes memory encoded = abi.encode(
            Snapshot({
                chainId: block.chainid,
                blockNumber: block.number,
                blockTimestamp: block.timestamp,
                parentHash: block.number == 0 ? bytes32(0) : blockhash(block.number - 1),
                accountBalance: account.balance,
                results: _readAll(calls)
            })
        );
        assembly ("memory-safe") {
            return(add(encoded, 32), mload(encoded))
        }
    }

    /// @notice Declares how to decode what the constructor returns. Reverts with `DeploylessOnly` if ever called.
    function read(address account, Call[] calldata calls) external pure returns (Snapshot memory) {
        account;
        calls;
        revert DeploylessOnly();
    }

    function _readAll(Call[] memory calls) private view returns (Result[] memory results) {
        results = new Result[](calls.length);
        uint256 space = RESULT_SPACE - calls.length * RESULT_OVERHEAD;
        for (uint256 i = 0; i < calls.length; i++) {
            uint256 remaining = calls.length - i;
            uint256 available = gasleft();
            uint256 gasShare = available > RESERVED_GAS ? (available - RESERVED_GAS) / remaining : 0;
            results[i] = _read(calls[i], gasShare, (space / remaining) & ~uint256(31));
            space -= (results[i].returnData.length + 31) & ~uint256(31);
        }
    }

    /// @dev The bounded copy is why this is not a high-level call: that would copy all that the target returns,
    /// with gas that belongs to the others.
    function _read(Call memory call, uint256 gasShare, uint256 sizeLimit) private view returns (Result memory result) {
        address target = call.target;
        if (target.code.length == 0) {
            result.returnData = abi.encodeWithSelector(TargetHasNoCode.selector, target);
            return result;
        }
        bytes memory callData = call.callData;
        bool success;
        uint256 size;
        assembly ("memory-safe") {
            success := staticcall(gasShare, target, add(callData, 32), mload(callData), 0, 0)
            size := returndatasize()
        }
        if (size > sizeLimit) {
            result.returnData = abi.encodeWithSelector(ReturnDataTooLarge.selector, size, sizeLimit);
            return result;
        }
        bytes memory returnData = new bytes(size);
        assembly ("memory-safe") {
            returndatacopy(add(returnData, 32), 0, size)
        }
        result.success = success;
        result.returnData = returnData;
    }
}
