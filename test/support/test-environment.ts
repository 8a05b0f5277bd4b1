/** What every test, and every process that one starts, finds in its environment: no process may outlive a test. */
export const testEnvironment: Readonly<Record<string, string>> = { PLAKAR_AGENT: "off" };
