// Generated from contracts/src/localnet/WETH9.sol by `bun contracts/compile.ts` with solc 0.8.37+commit.f401782d.Emscripten.clang.
// Do not edit: change the source and run the command again.

export const weth9Abi = [
  {
    "inputs": [],
    "name": "EtherTransferFailed",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "allowance",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "needed",
        "type": "uint256"
      }
    ],
    "name": "InsufficientAllowance",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "balance",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "needed",
        "type": "uint256"
      }
    ],
    "name": "InsufficientBalance",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "src",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "guy",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "wad",
        "type": "uint256"
      }
    ],
    "name": "Approval",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "dst",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "wad",
        "type": "uint256"
      }
    ],
    "name": "Deposit",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "src",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "dst",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "wad",
        "type": "uint256"
      }
    ],
    "name": "Transfer",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "src",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "wad",
        "type": "uint256"
      }
    ],
    "name": "Withdrawal",
    "type": "event"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "spender",
        "type": "address"
      }
    ],
    "name": "allowance",
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
        "internalType": "address",
        "name": "guy",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "wad",
        "type": "uint256"
      }
    ],
    "name": "approve",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      }
    ],
    "name": "balanceOf",
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
    "name": "decimals",
    "outputs": [
      {
        "internalType": "uint8",
        "name": "",
        "type": "uint8"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "deposit",
    "outputs": [],
    "stateMutability": "payable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "name",
    "outputs": [
      {
        "internalType": "string",
        "name": "",
        "type": "string"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "symbol",
    "outputs": [
      {
        "internalType": "string",
        "name": "",
        "type": "string"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "totalSupply",
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
        "internalType": "address",
        "name": "dst",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "wad",
        "type": "uint256"
      }
    ],
    "name": "transfer",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "src",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "dst",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "wad",
        "type": "uint256"
      }
    ],
    "name": "transferFrom",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "wad",
        "type": "uint256"
      }
    ],
    "name": "withdraw",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "stateMutability": "payable",
    "type": "receive"
  }
] as const;

export const weth9Bytecode =
  "0x6080604052348015600f57600080fd5b5061073b8061001f6000396000f3fe6080604052600436106100a05760003560e01c8063313ce56711610064578063313ce5671461019057806370a08231146101b757806395d89b41146101e4578063a9059cbb14610214578063d0e30db014610234578063dd62ed3e1461023c57600080fd5b806306fdde03146100b4578063095ea7b31461010357806318160ddd1461013357806323b872dd146101505780632e1a7d4d1461017057600080fd5b366100af576100ad610274565b005b600080fd5b3480156100c057600080fd5b506100ed6040518060400160405280600d81526020016c2bb930b83832b21022ba3432b960991b81525081565b6040516100fa91906105c7565b60405180910390f35b34801561010f57600080fd5b5061012361011e366004610631565b6102cf565b60405190151581526020016100fa565b34801561013f57600080fd5b50475b6040519081526020016100fa565b34801561015c57600080fd5b5061012361016b36600461065b565b61033c565b34801561017c57600080fd5b506100ad61018b366004610698565b6104ba565b34801561019c57600080fd5b506101a5601281565b60405160ff90911681526020016100fa565b3480156101c357600080fd5b506101426101d23660046106b1565b60006020819052908152604090205481565b3480156101f057600080fd5b506100ed604051806040016040528060048152602001630ae8aa8960e31b81525081565b34801561022057600080fd5b5061012361022f366004610631565b6105b3565b6100ad610274565b34801561024857600080fd5b506101426102573660046106cc565b600160209081526000928352604080842090915290825290205481565b3360009081526020819052604081208054349290610293908490610715565b909155505060405134815233907fe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c9060200160405180910390a2565b3360008181526001602090815260408083206001600160a01b038716808552925280832085905551919290917f8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b9259061032a9086815260200190565b60405180910390a35060015b92915050565b6001600160a01b038316600090815260208190526040812054828110156103855760405163cf47918160e01b815260048101829052602481018490526044015b60405180910390fd5b6001600160a01b03851660008181526001602090815260408083203380855292529091205491148015906103bb57506000198114155b1561041a57838110156103eb5760405163054365bb60e31b8152600481018290526024810185905260440161037c565b6103f58482610728565b6001600160a01b03871660009081526001602090815260408083203384529091529020555b6104248483610728565b6001600160a01b03808816600090815260208190526040808220939093559087168152908120805486929061045a908490610715565b92505081905550846001600160a01b0316866001600160a01b03167fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef866040516104a691815260200190565b60405180910390a350600195945050505050565b33600090815260208190526040902054818110156104f55760405163cf47918160e01b8152600481018290526024810183905260440161037c565b6104ff8282610728565b3360008181526020818152604091829020939093555184815290917f7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65910160405180910390a2604051600090339084908381818185875af1925050503d8060008114610587576040519150601f19603f3d011682016040523d82523d6000602084013e61058c565b606091505b50509050806105ae57604051630ce8f45160e31b815260040160405180910390fd5b505050565b60006105c033848461033c565b9392505050565b602081526000825180602084015260005b818110156105f557602081860181015160408684010152016105d8565b506000604082850101526040601f19601f83011684010191505092915050565b80356001600160a01b038116811461062c57600080fd5b919050565b6000806040838503121561064457600080fd5b61064d83610615565b946020939093013593505050565b60008060006060848603121561067057600080fd5b61067984610615565b925061068760208501610615565b929592945050506040919091013590565b6000602082840312156106aa57600080fd5b5035919050565b6000602082840312156106c357600080fd5b6105c082610615565b600080604083850312156106df57600080fd5b6106e883610615565b91506106f660208401610615565b90509250929050565b634e487b7160e01b600052601160045260246000fd5b80820180821115610336576103366106ff565b81810381811115610336576103366106ff56" as const;
