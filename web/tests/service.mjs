// `fastmpnn serve` on a free port.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export async function startService(program) {
  const child = spawn(program, ["serve", "--no-open", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const address = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = line.match(/http:\/\/127\.0\.0\.1:\d+\//);
      if (found) resolve(found[0]);
    });
    ended.then((code) => reject(new Error(`${program} serve ended with ${code}`)));
  });
  const index = await (await fetch(address)).text();
  if (!index.includes("<script")) {
    child.kill();
    throw new Error(`${program} was built without the page: build it after \`make web\``);
  }
  const close = async () => {
    child.kill("SIGINT");
    return await ended;
  };
  return { address, close };
}
