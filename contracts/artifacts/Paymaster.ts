// Generated from contracts/src/localnet/Paymaster.sol by `bun contracts/compile.ts` with solc 0.8.37+commit.f401782d.Emscripten.clang.
// Do not edit: change the source and run the command again.

export const paymasterAbi = [
  {
    "inputs": [
      {
        "internalType": "contract IPriceOracle",
        "name": "oracle_",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "initialOwner",
        "type": "address"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "constructor"
  },
  {
    "inputs": [],
    "name": "EnforcedPause",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ExpectedPause",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      }
    ],
    "name": "OwnableInvalidOwner",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "OwnableUnauthorizedAccount",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "lastUpdate",
        "type": "uint256"
      }
    ],
    "name": "StalePrice",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "previousOwner",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "newOwner",
        "type": "address"
      }
    ],
    "name": "OwnershipTransferred",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": false,
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "Paused",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": false,
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "Unpaused",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "isOperational",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "oracle",
    "outputs": [
      {
        "internalType": "contract IPriceOracle",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "owner",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "pause",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "paused",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "gasCostWei",
        "type": "uint256"
      }
    ],
    "name": "quote",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "renounceOwnership",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "newOwner",
        "type": "address"
      }
    ],
    "name": "transferOwnership",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "unpause",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  }
] as const;

export const paymasterBytecode =
  "0x60a060405234801561001057600080fd5b5060405161078838038061078883398101604081905261002f916100e2565b806001600160a01b03811661005e57604051631e4fbdf760e01b81526000600482015260240160405180910390fd5b6100678161007a565b50506001600160a01b031660805261011c565b600080546001600160a01b038381166001600160a01b0319831681178455604051919092169283917f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e09190a35050565b6001600160a01b03811681146100df57600080fd5b50565b600080604083850312156100f557600080fd5b8251610100816100ca565b6020840151909250610111816100ca565b809150509250929050565b60805161063d61014b6000396000818160d20152818161019a0152818161024b0152610302015261063d6000f3fe608060405234801561001057600080fd5b50600436106100935760003560e01c80638456cb59116100665780638456cb591461010c5780638da5cb5b14610114578063cd905dff14610125578063ed1bd76c1461012d578063f2fde38b1461014e57600080fd5b80633f4ba83a146100985780635c975abb146100a2578063715018a6146100c55780637dc0d1d0146100cd575b600080fd5b6100a0610161565b005b600054600160a01b900460ff165b60405190151581526020015b60405180910390f35b6100a0610173565b6100f47f000000000000000000000000000000000000000000000000000000000000000081565b6040516001600160a01b0390911681526020016100bc565b6100a0610185565b6000546001600160a01b03166100f4565b6100b0610195565b61014061013b366004610546565b61023c565b6040519081526020016100bc565b6100a061015c36600461055f565b61039e565b6101696103dc565b610171610409565b565b61017b6103dc565b610171600061045e565b61018d6103dc565b6101716104ae565b6000807f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031663bd9a548b6040518163ffffffff1660e01b8152600401608060405180830381865afa1580156101f6573d6000803e3d6000fd5b505050506040513d601f19601f8201168201806040525081019061021a919061058f565b93505050508080156102365750600054600160a01b900460ff16155b91505090565b60006102466104f1565b6000807f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031663bd9a548b6040518163ffffffff1660e01b8152600401608060405180830381865afa1580156102a7573d6000803e3d6000fd5b505050506040513d601f19601f820116820180604052508101906102cb919061058f565b935093505050806102f757604051636fb3b18560e01b8152600481018390526024015b60405180910390fd5b670de0b6b3a76400007f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031663fae78ff96040518163ffffffff1660e01b8152600401602060405180830381865afa15801561035e573d6000803e3d6000fd5b505050506040513d601f19601f8201168201806040525081019061038291906105d7565b61038c90866105f0565b610396919061061b565b949350505050565b6103a66103dc565b6001600160a01b0381166103d057604051631e4fbdf760e01b8152600060048201526024016102ee565b6103d98161045e565b50565b6000546001600160a01b031633146101715760405163118cdaa760e01b81523360048201526024016102ee565b61041161051c565b6000805460ff60a01b191690557f5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa335b6040516001600160a01b03909116815260200160405180910390a1565b600080546001600160a01b038381166001600160a01b0319831681178455604051919092169283917f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e09190a35050565b6104b66104f1565b6000805460ff60a01b1916600160a01b1790557f62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a2586104413390565b600054600160a01b900460ff16156101715760405163d93c066560e01b815260040160405180910390fd5b600054600160a01b900460ff1661017157604051638dfc202b60e01b815260040160405180910390fd5b60006020828403121561055857600080fd5b5035919050565b60006020828403121561057157600080fd5b81356001600160a01b038116811461058857600080fd5b9392505050565b600080600080608085870312156105a557600080fd5b8451602086015160408701516060880151929650909450925080151581146105cc57600080fd5b939692955090935050565b6000602082840312156105e957600080fd5b5051919050565b808202811582820484141761061557634e487b7160e01b600052601160045260246000fd5b92915050565b60008261063857634e487b7160e01b600052601260045260246000fd5b50049056" as const;
