// Generated from contracts/src/localnet/PausableManualPriceOracle.sol by `bun contracts/compile.ts` with solc 0.8.37+commit.f401782d.Emscripten.clang.
// Do not edit: change the source and run the command again.

export const pausableManualPriceOracleAbi = [
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
    "name": "EnforcedPause",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ExpectedPause",
    "type": "error"
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
    "inputs": [],
    "name": "unpause",
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

export const pausableManualPriceOracleBytecode =
  "0x608060405234801561001057600080fd5b50604051610a5e380380610a5e83398101604081905261002f91610145565b828282806001600160a01b03811661006157604051631e4fbdf760e01b81526000600482015260240160405180910390fd5b61006a8161008b565b5061007583836100db565b506001919091556002555050426003555061018b565b600080546001600160a01b038381166001600160a01b0319831681178455604051919092169283917f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e09190a35050565b640ba43b74008210806100f2575064e8d4a5100082115b1561011057604051636e4ba61d60e01b815260040160405180910390fd5b6064811080610123575064e8d4a5100081115b1561014157604051636e4ba61d60e01b815260040160405180910390fd5b5050565b60008060006060848603121561015a57600080fd5b83516020850151604086015191945092506001600160a01b038116811461018057600080fd5b809150509250925092565b6108c48061019a6000396000f3fe608060405234801561001057600080fd5b50600436106101585760003560e01c80638da5cb5b116100c3578063cdb679591161007c578063cdb6795914610294578063d4f632981461029c578063ef88d7f0146102af578063f2fde38b146102c2578063fae78ff9146102d5578063fc612a8d146102dd57600080fd5b80638da5cb5b146102145780639478ab8c1461023957806397c4a5f3146102425780639b9ecc9914610255578063bd9a548b14610261578063c8f33c911461028b57600080fd5b80636e87df42116101155780636e87df42146101df578063703fc600146101bd57806370421ab9146101e8578063715018a6146101fb5780638456cb59146102035780638d7cc1f61461020b57600080fd5b80633f4ba83a1461015d5780634779db561461016757806354fd4d50146101845780635c975abb146101ab5780635fc2d283146101bd578063626ab831146101d7575b600080fd5b6101656102f0565b005b61016f610302565b60405190151581526020015b60405180910390f35b60408051808201825260058152640312e302e360dc1b6020820152905161017b91906107a9565b600454600160a01b900460ff1661016f565b6101c964e8d4a5100081565b60405190815260200161017b565b6101c9603281565b6101c960025481565b6101c96101f63660046107f7565b61031c565b610165610349565b61016561035b565b6101c9610e1081565b6000546001600160a01b03165b6040516001600160a01b03909116815260200161017b565b6101c960015481565b610165610250366004610810565b61036b565b6101c9640ba43b740081565b6102696103e4565b604080519485526020850193909352918301521515606082015260800161017b565b6101c960035481565b6101c9606481565b6101656102aa366004610840565b610409565b6101656102bd366004610840565b610429565b6101656102d0366004610810565b61043b565b6101c961047e565b600454610221906001600160a01b031681565b6102f86104a8565b6103006104d5565b565b6000610e10600354426103159190610878565b1115905090565b6000670de0b6b3a764000061032f61047e565b610339908461088b565b61034391906108a2565b92915050565b6103516104a8565b610300600061052a565b6103636104a8565b61030061057a565b6103736104a8565b6001600160a01b03811661039a5760405163e6c4247b60e01b815260040160405180910390fd5b600480546001600160a01b0319166001600160a01b0383169081179091556040517f34a02290b7920078c19f58e94b78c77eb9cc10195b20676e19bd3b82085893b890600090a250565b6000806000806001546002546003546103fb610302565b935093509350935090919293565b6104116104a8565b61041b82826105bd565b6104258282610623565b5050565b610431610677565b61042582826106a2565b6104436104a8565b6001600160a01b03811661047257604051631e4fbdf760e01b8152600060048201526024015b60405180910390fd5b61047b8161052a565b50565b6000600254600154670de0b6b3a7640000610499919061088b565b6104a391906108a2565b905090565b6000546001600160a01b031633146103005760405163118cdaa760e01b8152336004820152602401610469565b6104dd61071f565b6004805460ff60a01b191690557f5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa335b6040516001600160a01b03909116815260200160405180910390a1565b600080546001600160a01b038381166001600160a01b0319831681178455604051919092169283917f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e09190a35050565b610582610677565b6004805460ff60a01b1916600160a01b1790557f62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a25861050d3390565b640ba43b74008210806105d4575064e8d4a5100082115b156105f257604051636e4ba61d60e01b815260040160405180910390fd5b6064811080610605575064e8d4a5100081115b1561042557604051636e4ba61d60e01b815260040160405180910390fd5b60018290556002819055426003819055604080518481526020810184905280820192909252517fa6b830b74e52d7d1140e76252f225dc7bed28782519845600bbd3182341dc1159181900360600190a15050565b600454600160a01b900460ff16156103005760405163d93c066560e01b815260040160405180910390fd5b6004546001600160a01b031633148015906106c857506000546001600160a01b03163314155b156106e65760405163ea8e4eb560e01b815260040160405180910390fd5b6106f082826105bd565b62015180600354426107029190610878565b1161041b5761071360015483610749565b61041b60025482610749565b600454600160a01b900460ff1661030057604051638dfc202b60e01b815260040160405180910390fd5b60008282116107615761075c8284610878565b61076b565b61076b8383610878565b905060328361077b83606461088b565b61078591906108a2565b11156107a457604051632faa518160e11b815260040160405180910390fd5b505050565b602081526000825180602084015260005b818110156107d757602081860181015160408684010152016107ba565b506000604082850101526040601f19601f83011684010191505092915050565b60006020828403121561080957600080fd5b5035919050565b60006020828403121561082257600080fd5b81356001600160a01b038116811461083957600080fd5b9392505050565b6000806040838503121561085357600080fd5b50508035926020909101359150565b634e487b7160e01b600052601160045260246000fd5b8181038181111561034357610343610862565b808202811582820484141761034357610343610862565b6000826108bf57634e487b7160e01b600052601260045260246000fd5b50049056" as const;
