/** The real Uniswap v3: factory bytecode as published in @uniswap/v3-core, and the ABI parts used here. */
import factoryArtifact from "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json";
import {
  type Address,
  encodeAbiParameters,
  getContractAddress,
  type Hex,
  isHex,
  keccak256,
  parseAbi,
} from "viem";
import { LocalnetInputError } from "../errors.ts";

export const uniswapV3FactoryAbi = parseAbi([
  "constructor()",
  "function createPool(address tokenA, address tokenB, uint24 fee) returns (address pool)",
  "function getPool(address tokenA, address tokenB, uint24 fee) view returns (address pool)",
]);

export const uniswapV3PoolAbi = parseAbi([
  "function initialize(uint160 sqrtPriceX96)",
  "function increaseObservationCardinalityNext(uint16 observationCardinalityNext)",
  "function slot0() view returns (uint160 sqrtPriceX96, int24 tick, uint16 observationIndex, uint16 observationCardinality, uint16 observationCardinalityNext, uint8 feeProtocol, bool unlocked)",
  "function liquidity() view returns (uint128)",
  "function token0() view returns (address)",
  "function token1() view returns (address)",
  "function observe(uint32[] secondsAgos) view returns (int56[] tickCumulatives, uint160[] secondsPerLiquidityCumulativeX128s)",
  "event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)",
]);

/** Fee in hundredths of a bip to tick spacing: the factory's constructor. */
export const TICK_SPACING = { 500: 10, 3000: 60, 10000: 200 } as const;
export type FeeTier = keyof typeof TICK_SPACING;

/** keccak256 of the pool's creation code: the same on every chain where v3-core was deployed unchanged. */
const POOL_INIT_CODE_HASH: Hex = "0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54";

/** Creation code of the factory. @throws {LocalnetInputError} when the installed package is not what it should be. */
export function uniswapV3FactoryBytecode(): Hex {
  const { bytecode } = factoryArtifact;
  if (isHex(bytecode)) return bytecode;
  throw new LocalnetInputError(
    "the installed @uniswap/v3-core carries no factory bytecode",
    "Run `bun install` to restore @uniswap/v3-core 1.0.1.",
  );
}

/** Address of the pool that this factory will create (CREATE2), so that it can be used in the same block. */
export function uniswapV3PoolAddress(
  factory: Address,
  token0: Address,
  token1: Address,
  fee: FeeTier,
): Address {
  const types = [{ type: "address" }, { type: "address" }, { type: "uint24" }] as const;
  return getContractAddress({
    opcode: "CREATE2",
    from: factory,
    salt: keccak256(encodeAbiParameters(types, [token0, token1, fee])),
    bytecodeHash: POOL_INIT_CODE_HASH,
  });
}
