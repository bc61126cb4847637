// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @notice The part of a Uniswap v3 pool that PoolCaller uses.
interface IPool {
    function token0() external view returns (IERC20);
    function token1() external view returns (IERC20);
    function slot0()
        external
        view
        returns (
            uint160 sqrtPriceX96,
            int24 tick,
            uint16 observationIndex,
            uint16 observationCardinality,
            uint16 observationCardinalityNext,
            uint8 feeProtocol,
            bool unlocked
        );
    function mint(address recipient, int24 tickLower, int24 tickUpper, uint128 amount, bytes calldata data)
        external
        returns (uint256 amount0, uint256 amount1);
    function burn(int24 tickLower, int24 tickUpper, uint128 amount) external returns (uint256 amount0, uint256 amount1);
    function collect(
        address recipient,
        int24 tickLower,
        int24 tickUpper,
        uint128 amount0Requested,
        uint128 amount1Requested
    ) external returns (uint128 amount0, uint128 amount1);
    function swap(
        address recipient,
        bool zeroForOne,
        int256 amountSpecified,
        uint160 sqrtPriceLimitX96,
        bytes calldata data
    ) external returns (int256 amount0, int256 amount1);
}

/// @title PoolCaller
/// @notice The smallest router over a real Uniswap v3 pool: adds and removes liquidity, swaps, and moves the price to
/// an exact target. The caller pays and must have approved both tokens to this contract.
/// @dev Local chains only: positions belong to this contract, so anyone can burn anyone's, and the callbacks trust
/// whoever calls them. Never approve it where tokens have a value.
contract PoolCaller {
    using SafeERC20 for IERC20;

    /// @param liquidity The pool's liquidity units.
    /// @return amount0 What the caller paid in token0's smallest units.
    /// @return amount1 What the caller paid in token1's smallest units.
    function mint(IPool pool, int24 tickLower, int24 tickUpper, uint128 liquidity)
        external
        returns (uint256 amount0, uint256 amount1)
    {
        return pool.mint(address(this), tickLower, tickUpper, liquidity, abi.encode(msg.sender));
    }

    /// @notice Remove liquidity and send it, with all the fees that the position has collected, to the caller.
    function burn(IPool pool, int24 tickLower, int24 tickUpper, uint128 liquidity)
        external
        returns (uint256 amount0, uint256 amount1)
    {
        pool.burn(tickLower, tickUpper, liquidity);
        return pool.collect(msg.sender, tickLower, tickUpper, type(uint128).max, type(uint128).max);
    }

    /// @param amountSpecified Positive: exact input. Negative: exact output. Smallest units.
    /// @return amount0 Token0 that the pool received (positive) or paid (negative).
    /// @return amount1 Token1 that the pool received (positive) or paid (negative).
    function swap(IPool pool, bool zeroForOne, int256 amountSpecified, uint160 sqrtPriceLimitX96)
        external
        returns (int256 amount0, int256 amount1)
    {
        return pool.swap(msg.sender, zeroForOne, amountSpecified, sqrtPriceLimitX96, abi.encode(msg.sender));
    }

    /// @notice Move the pool to exactly this price by a swap as large as that takes. Does nothing if it is there.
    function swapTo(IPool pool, uint160 sqrtPriceTargetX96) external returns (int256 amount0, int256 amount1) {
        (uint160 sqrtPriceX96,,,,,,) = pool.slot0();
        if (sqrtPriceX96 == sqrtPriceTargetX96) return (0, 0);
        bool zeroForOne = sqrtPriceTargetX96 < sqrtPriceX96;
        return pool.swap(msg.sender, zeroForOne, type(int256).max, sqrtPriceTargetX96, abi.encode(msg.sender));
    }

    function uniswapV3MintCallback(uint256 amount0Owed, uint256 amount1Owed, bytes calldata data) external {
        _pay(IPool(msg.sender), amount0Owed, amount1Owed, data);
    }

    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external {
        _pay(
            IPool(msg.sender),
            amount0Delta > 0 ? uint256(amount0Delta) : 0,
            amount1Delta > 0 ? uint256(amount1Delta) : 0,
            data
        );
    }

    function _pay(IPool pool, uint256 amount0, uint256 amount1, bytes calldata data) private {
        address payer = abi.decode(data, (address));
        if (amount0 > 0) pool.token0().safeTransferFrom(payer, address(pool), amount0);
        if (amount1 > 0) pool.token1().safeTransferFrom(payer, address(pool), amount1);
    }
}
