// Compiled, not run: what the package's types promise to callers, and what they refuse.
import init, { Filter, check, version, type Answer, type ConfigurationError, type Problem } from "auditveil";

await init();

const configured: Filter = new Filter("redact: {action: remove}");
new Filter();
new Filter(null, null);
new Filter(new Uint8Array(0), { policy: "rules: []", key: new Uint8Array(32) });
Filter.strictest();
Filter.strictest("unreadable");

const answer: Answer = configured.process("{}");
const bytes: Uint8Array = answer.bytes;
switch (answer.outcome) {
    case "emitted":
    case "dropped": {
        const none: undefined = answer.reason;
        break;
    }
    case "stubbed": {
        const reason: "empty" | "not_an_object" | "compressed" | "too_large" | "out_of_memory" = answer.reason;
        break;
    }
    default: {
        const never: never = answer;
    }
}
const answers: Answer[] = configured.processBatch(new Set(["{}", bytes]));
const problems: Problem[] = check("x: 1", { key: undefined });
const warnings: readonly Problem[] = configured.warnings;
const place: [number, number, string | undefined] = [problems[0].line, problems[0].column, problems[0].hint];
const { auditveil, stamp }: { auditveil: string; stamp: string } = version();

try {
    new Filter("x: 1");
} catch (error) {
    const refused = error as ConfigurationError;
    const first: Problem = refused;
    const message: string = refused.message + refused.name + refused.problems.length;
}
configured.free();
{
    using other = new Filter();
}

// @ts-expect-error a record is a string or bytes
configured.process(7);
// @ts-expect-error a batch is not one record
configured.processBatch(7);
// @ts-expect-error a key is bytes
new Filter("", { key: "text" });
// @ts-expect-error no such option
new Filter("", { polcy: "" });
// @ts-expect-error no such reason
Filter.strictest("other");
// @ts-expect-error what is worth a look is not the caller's to change
configured.warnings.push(problems[0]);
// @ts-expect-error what is checked has to be said
check();
