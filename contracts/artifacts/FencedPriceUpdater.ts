// Generated from contracts/src/FencedPriceUpdater.sol by `bun contracts/compile.ts` with solc 0.8.37+commit.f401782d.Emscripten.clang.
// Do not edit: change the source and run the command again.

export const fencedPriceUpdaterAbi = [
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
    "inputs": [
      {
        "internalType": "uint256",
        "name": "deadline",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "nowTimestamp",
        "type": "uint256"
      }
    ],
    "name": "DeadlinePassed",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidAddress",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "NotABot",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "oracle",
        "type": "address"
      }
    ],
    "name": "OracleHasNoCode",
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
    "inputs": [],
    "name": "OwnershipCannotBeRenounced",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "ethUsd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "elizaUsd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "lastUpdate",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "updateCount",
        "type": "uint256"
      }
    ],
    "name": "StateChanged",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "bot",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "bool",
        "name": "allowed",
        "type": "bool"
      }
    ],
    "name": "BotSet",
    "type": "event"
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
    "name": "OwnershipTransferStarted",
    "type": "event"
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
        "indexed": true,
        "internalType": "address",
        "name": "bot",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "ethUsd",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "elizaUsd",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "expectedLastUpdate",
        "type": "uint256"
      }
    ],
    "name": "PricesForwarded",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "acceptOwnership",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "bot",
        "type": "address"
      }
    ],
    "name": "isBot",
    "outputs": [
      {
        "internalType": "bool",
        "name": "allowed",
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
    "name": "pendingOwner",
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
    "name": "renounceOwnership",
    "outputs": [],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "bot",
        "type": "address"
      },
      {
        "internalType": "bool",
        "name": "allowed",
        "type": "bool"
      }
    ],
    "name": "setBot",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "state",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "ethUsd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "elizaUsd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "lastUpdate",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "forwardedUpdates",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
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
    "name": "updateCount",
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
    "inputs": [
      {
        "internalType": "uint256",
        "name": "expectedEthUsd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "expectedElizaUsd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "expectedLastUpdate",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "expectedUpdateCount",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "newEthUsd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "newElizaUsd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "deadline",
        "type": "uint256"
      }
    ],
    "name": "updatePrices",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  }
] as const;

export const fencedPriceUpdaterBytecode =
  "0x60a060405234801561001057600080fd5b506040516108e13803806108e183398101604081905261002f91610132565b806001600160a01b03811661005f57604051631e4fbdf760e01b8152600060048201526024015b60405180910390fd5b610068816100b1565b50816001600160a01b03163b60000361009f57604051632f85e40f60e21b81526001600160a01b0383166004820152602401610056565b506001600160a01b031660805261016c565b600180546001600160a01b03191690556100ca816100cd565b50565b600080546001600160a01b038381166001600160a01b0319831681178455604051919092169283917f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e09190a35050565b6001600160a01b03811681146100ca57600080fd5b6000806040838503121561014557600080fd5b82516101508161011d565b60208401519092506101618161011d565b809150509250929050565b60805161074c6101956000396000818161013a0152818161039f015261047d015261074c6000f3fe608060405234801561001057600080fd5b50600436106100a95760003560e01c806379ba50971161007157806379ba50971461012d5780637dc0d1d0146101355780638da5cb5b14610174578063c19d93fb14610185578063e30c3978146101ad578063f2fde38b146101be57600080fd5b8063342aa8b5146100ae5780633bbac579146100c35780633f4e2597146100fb57806369b4ecc91461010e578063715018a614610125575b600080fd5b6100c16100bc36600461063d565b6101d1565b005b6100e66100d1366004610674565b60036020526000908152604090205460ff1681565b60405190151581526020015b60405180910390f35b6100c1610109366004610696565b61025f565b61011760025481565b6040519081526020016100f2565b6100c1610410565b6100c1610431565b61015c7f000000000000000000000000000000000000000000000000000000000000000081565b6040516001600160a01b0390911681526020016100f2565b6000546001600160a01b031661015c565b61018d610475565b6040805194855260208501939093529183015260608201526080016100f2565b6001546001600160a01b031661015c565b6100c16101cc366004610674565b61050f565b6101d9610580565b6001600160a01b0382166102005760405163e6c4247b60e01b815260040160405180910390fd5b6001600160a01b038216600081815260036020908152604091829020805460ff191685151590811790915591519182527f70af441dbb427737e6a5ef2cf5b664321011765ce1d19ce4a69cd024e69d4f2f910160405180910390a25050565b3360009081526003602052604090205460ff1661029657604051632349f9c160e21b81523360048201526024015b60405180910390fd5b804211156102c05760405163041f95d160e51b81526004810182905242602482015260440161028d565b6000806000806102ce610475565b93509350935093508a841415806102e55750898314155b806102f05750888214155b806102fb5750878114155b1561033157604051634041a33360e11b81526004810185905260248101849052604481018390526064810182905260840161028d565b61033c8160016106e2565b60025560408051888152602081018890529081018a905233907f29b740bcfcaff6fcf29520c469468884140e038332bda7e87b32a1efe10054f19060600160405180910390a2604051630ef88d7f60e41b815260048101889052602481018790527f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03169063ef88d7f090604401600060405180830381600087803b1580156103eb57600080fd5b505af11580156103ff573d6000803e3d6000fd5b505050505050505050505050505050565b610418610580565b6040516317d5c96560e11b815260040160405180910390fd5b60015433906001600160a01b031681146104695760405163118cdaa760e01b81526001600160a01b038216600482015260240161028d565b610472816105af565b50565b6000806000807f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031663bd9a548b6040518163ffffffff1660e01b8152600401608060405180830381865afa1580156104d9573d6000803e3d6000fd5b505050506040513d601f19601f820116820180604052508101906104fd9190610709565b50600254929791965094509092509050565b610517610580565b600180546001600160a01b0383166001600160a01b031990911681179091556105486000546001600160a01b031690565b6001600160a01b03167f38d16b8cac22d99fc7c124b9cd0de2d3fa1faef420bfe791d8c362d765e2270060405160405180910390a350565b6000546001600160a01b031633146105ad5760405163118cdaa760e01b815233600482015260240161028d565b565b600180546001600160a01b031916905561047281600080546001600160a01b038381166001600160a01b0319831681178455604051919092169283917f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e09190a35050565b80356001600160a01b038116811461062a57600080fd5b919050565b801515811461047257600080fd5b6000806040838503121561065057600080fd5b61065983610613565b915060208301356106698161062f565b809150509250929050565b60006020828403121561068657600080fd5b61068f82610613565b9392505050565b600080600080600080600060e0888a0312156106b157600080fd5b505085359760208701359750604087013596606081013596506080810135955060a0810135945060c0013592509050565b8082018082111561070357634e487b7160e01b600052601160045260246000fd5b92915050565b6000806000806080858703121561071f57600080fd5b845160208601516040870151606088015192965090945092506107418161062f565b93969295509093505056" as const;
