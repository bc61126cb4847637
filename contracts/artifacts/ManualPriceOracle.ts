// Generated from contracts/src/localnet/ManualPriceOracle.sol by `bun contracts/compile.ts` with solc 0.8.37+commit.f401782d.Emscripten.clang.
// Do not edit: change the source and run the command again.

export const manualPriceOracleAbi = [
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "initialEthUsd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "initialElizaUsd",
        "type": "uint256"
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
    "name": "InvalidAddress",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotAuthorized",
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
    "name": "PriceDeviationTooLarge",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "PriceOutOfBounds",
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
        "indexed": true,
        "internalType": "address",
        "name": "updater",
        "type": "address"
      }
    ],
    "name": "PriceUpdaterSet",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "ethPrice",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "elizaPrice",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "timestamp",
        "type": "uint256"
      }
    ],
    "name": "PricesUpdated",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "MAX_DEVIATION_PCT",
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
    "name": "MAX_ELIZA_PRICE",
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
    "name": "MAX_ETH_PRICE",
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
    "name": "MIN_ELIZA_PRICE",
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
    "name": "MIN_ETH_PRICE",
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
    "name": "PRICE_STALE_THRESHOLD",
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
    "name": "elizaUsdPrice",
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
        "name": "newEthUsd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "newElizaUsd",
        "type": "uint256"
      }
    ],
    "name": "emergencyPriceUpdate",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "ethUsdPrice",
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
    "name": "getElizaOSPerETH",
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
    "name": "getPrices",
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
        "internalType": "bool",
        "name": "fresh",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "isPriceFresh",
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
    "name": "lastUpdateTime",
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
    "inputs": [
      {
        "internalType": "uint256",
        "name": "ethAmount",
        "type": "uint256"
      }
    ],
    "name": "previewConversion",
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
    "name": "priceUpdater",
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
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "updater",
        "type": "address"
      }
    ],
    "name": "setPriceUpdater",
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
    "inputs": [
      {
        "internalType": "uint256",
        "name": "newEthUsd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "newElizaUsd",
        "type": "uint256"
      }
    ],
    "name": "updatePrices",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "version",
    "outputs": [
      {
        "internalType": "string",
        "name": "",
        "type": "string"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  }
] as const;

export const manualPriceOracleBytecode =
  "0x608060405234801561001057600080fd5b506040516108f63803806108f683398101604081905261002f9161013f565b806001600160a01b03811661005e57604051631e4fbdf760e01b81526000600482015260240160405180910390fd5b61006781610085565b5061007283836100d5565b5060019190915560025542600355610185565b600080546001600160a01b038381166001600160a01b0319831681178455604051919092169283917f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e09190a35050565b640ba43b74008210806100ec575064e8d4a5100082115b1561010a57604051636e4ba61d60e01b815260040160405180910390fd5b606481108061011d575064e8d4a5100081115b1561013b57604051636e4ba61d60e01b815260040160405180910390fd5b5050565b60008060006060848603121561015457600080fd5b83516020850151604086015191945092506001600160a01b038116811461017a57600080fd5b809150509250925092565b610762806101946000396000f3fe608060405234801561001057600080fd5b50600436106101375760003560e01c80639478ab8c116100b8578063cdb679591161007c578063cdb6795914610251578063d4f6329814610259578063ef88d7f01461026c578063f2fde38b1461027f578063fae78ff914610292578063fc612a8d1461029a57600080fd5b80639478ab8c146101f657806397c4a5f3146101ff5780639b9ecc9914610212578063bd9a548b1461021e578063c8f33c911461024857600080fd5b8063703fc600116100ff578063703fc6001461018057806370421ab9146101ab578063715018a6146101be5780638d7cc1f6146101c85780638da5cb5b146101d157600080fd5b80634779db561461013c57806354fd4d50146101595780635fc2d28314610180578063626ab8311461019a5780636e87df42146101a2575b600080fd5b6101446102ad565b60405190151581526020015b60405180910390f35b60408051808201825260058152640312e302e360dc1b602082015290516101509190610647565b61018c64e8d4a5100081565b604051908152602001610150565b61018c603281565b61018c60025481565b61018c6101b9366004610695565b6102c7565b6101c66102f4565b005b61018c610e1081565b6000546001600160a01b03165b6040516001600160a01b039091168152602001610150565b61018c60015481565b6101c661020d3660046106ae565b610308565b61018c640ba43b740081565b610226610381565b6040805194855260208501939093529183015215156060820152608001610150565b61018c60035481565b61018c606481565b6101c66102673660046106de565b6103a6565b6101c661027a3660046106de565b6103c6565b6101c661028d3660046106ae565b610443565b61018c610486565b6004546101de906001600160a01b031681565b6000610e10600354426102c09190610716565b1115905090565b6000670de0b6b3a76400006102da610486565b6102e49084610729565b6102ee9190610740565b92915050565b6102fc6104b0565b61030660006104dd565b565b6103106104b0565b6001600160a01b0381166103375760405163e6c4247b60e01b815260040160405180910390fd5b600480546001600160a01b0319166001600160a01b0383169081179091556040517f34a02290b7920078c19f58e94b78c77eb9cc10195b20676e19bd3b82085893b890600090a250565b6000806000806001546002546003546103986102ad565b935093509350935090919293565b6103ae6104b0565b6103b8828261052d565b6103c28282610593565b5050565b6004546001600160a01b031633148015906103ec57506000546001600160a01b03163314155b1561040a5760405163ea8e4eb560e01b815260040160405180910390fd5b610414828261052d565b62015180600354426104269190610716565b116103b857610437600154836105e7565b6103b8600254826105e7565b61044b6104b0565b6001600160a01b03811661047a57604051631e4fbdf760e01b8152600060048201526024015b60405180910390fd5b610483816104dd565b50565b6000600254600154670de0b6b3a76400006104a19190610729565b6104ab9190610740565b905090565b6000546001600160a01b031633146103065760405163118cdaa760e01b8152336004820152602401610471565b600080546001600160a01b038381166001600160a01b0319831681178455604051919092169283917f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e09190a35050565b640ba43b7400821080610544575064e8d4a5100082115b1561056257604051636e4ba61d60e01b815260040160405180910390fd5b6064811080610575575064e8d4a5100081115b156103c257604051636e4ba61d60e01b815260040160405180910390fd5b60018290556002819055426003819055604080518481526020810184905280820192909252517fa6b830b74e52d7d1140e76252f225dc7bed28782519845600bbd3182341dc1159181900360600190a15050565b60008282116105ff576105fa8284610716565b610609565b6106098383610716565b9050603283610619836064610729565b6106239190610740565b111561064257604051632faa518160e11b815260040160405180910390fd5b505050565b602081526000825180602084015260005b818110156106755760208186018101516040868401015201610658565b506000604082850101526040601f19601f83011684010191505092915050565b6000602082840312156106a757600080fd5b5035919050565b6000602082840312156106c057600080fd5b81356001600160a01b03811681146106d757600080fd5b9392505050565b600080604083850312156106f157600080fd5b50508035926020909101359150565b634e487b7160e01b600052601160045260246000fd5b818103818111156102ee576102ee610700565b80820281158282048414176102ee576102ee610700565b60008261075d57634e487b7160e01b600052601260045260246000fd5b50049056" as const;
