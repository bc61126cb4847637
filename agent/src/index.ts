/** The agent as a library: what benchmarks and the localnet's start use to run agents in their own process. */
export { type CataloguedPlugin, type NetworkReport, pluginCatalogue } from "./plugin-catalogue.ts";
export { type Agent, type StartOptions, startAgent } from "./start-agent.ts";
