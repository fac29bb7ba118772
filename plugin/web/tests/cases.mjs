// Every case of tests/cases in the package, beside what the native core answers.
//
//     cargo run -p auditveil-tests --example native_answers > answers.jsonl
//     node plugin/web/tests/cases.mjs target/auditveil/web answers.jsonl
//
// prints a line for each case, `NAME equal` or `NAME different: WHY`, and ends with 1 if one differs.
// `package.test.mjs` calls the same functions.
import { createReadStream, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The package in a folder, as Node takes it. */
export function load(folder) {
    return import(pathToFileURL(resolve(folder, "node.js")).href);
}

/** The cases with their native answers, one after another. */
export async function* native(file) {
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
    for await (const line of lines) {
        yield JSON.parse(line);
    }
}

/** What differs between a case's native answers and those of the package; `undefined` if nothing does. */
export function difference(auditveil, one) {
    const bytes = (hex) => (hex === null || hex === undefined ? undefined : Buffer.from(hex, "hex"));
    const configuration = bytes(one.configuration);
    const options = { policy: bytes(one.policy), key: bytes(one.key) };
    const errors = auditveil.check(configuration, options).filter(({ severity }) => severity === "error");
    if (errors.length > 0 && !one.refused) {
        return `check: ${errors[0].message}`;
    }
    let filter;
    try {
        filter = new auditveil.Filter(configuration, options);
        if (one.refused) {
            return "the configuration is not refused";
        }
    } catch (error) {
        if (!one.refused || error.name !== "ConfigurationError") {
            return `the configuration: ${error}`;
        }
        filter = auditveil.Filter.strictest();
    }
    try {
        const records = one.answers.map(({ record }) => bytes(record));
        const batch = filter.processBatch(records);
        for (const [index, expected] of one.answers.entries()) {
            const record = records[index];
            const forms = [["as bytes", filter.process(record)], ["in a batch", batch[index]]];
            const text = record.toString("utf8");
            if (Buffer.from(text, "utf8").equals(record)) {
                forms.push(["as a string", filter.process(text)]);
            }
            for (const [form, { outcome, reason, bytes: answer }] of forms) {
                const found = Buffer.from(answer);
                if (outcome !== expected.outcome || (reason ?? null) !== expected.reason) {
                    return `answer ${index} ${form}: ${outcome} ${reason}, not ${expected.outcome} ${expected.reason}`;
                }
                if (!found.equals(bytes(expected.answer))) {
                    return `answer ${index} ${form}: ${found.toString("latin1")}`;
                }
            }
        }
    } finally {
        filter.free();
    }
    return undefined;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
    const [folder, file] = process.argv.slice(2);
    const auditveil = await load(folder);
    for await (const one of native(file)) {
        const why = difference(auditveil, one);
        console.log(why === undefined ? `${one.name} equal` : `${one.name} different: ${why}`);
        process.exitCode ||= why === undefined ? 0 : 1;
    }
}
