// The package as Node takes it. `cargo xtask test web` builds it and runs this; by hand:
//
//     AUDITVEIL_WEB_PACKAGE=target/auditveil/web AUDITVEIL_NATIVE_ANSWERS=answers.jsonl node --test plugin/web/tests/package.test.mjs
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { difference, load, native } from "./cases.mjs";

const folder = process.env.AUDITVEIL_WEB_PACKAGE;
assert(folder, "AUDITVEIL_WEB_PACKAGE is the folder of the package: see the top of this file");
const auditveil = await load(folder);
const { Filter, check, version } = auditveil;

const text = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
const event = (body) =>
    `{"kind":"Event","auditID":"7f","stage":"ResponseComplete","verb":"update",` +
    `"objectRef":{"resource":"secrets","name":"db"},"requestObject":${body}}`;
const SECRET = event('{"kind":"Secret","stringData":{"password":"FAKE-hunter2"}}');
const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, verbs: [watch]}, {level: Metadata}]\n";
const HMAC = "redact: {action: hmac, hmac: {key_id: k1, key_file: k}}\n";
const KEY = new TextEncoder().encode("FAKE-5b1f0c7e9a2d4468b3f1e0d9c8b7a695\n");

/** What every answer is: an event that ends with a stamp, and that a second pass leaves as it is. */
function holds(filter, record, about) {
    const answer = filter.process(record);
    const said = text(answer.bytes);
    const members = Object.keys(JSON.parse(said));
    assert.equal(members.at(-1), "auditveil", about);
    assert(!said.includes("FAKE-"), `${about}: a secret is still there`);
    assert.deepEqual(Buffer.from(filter.process(answer.bytes).bytes), Buffer.from(answer.bytes), about);
    return answer;
}

function thrown(call) {
    try {
        call();
    } catch (error) {
        return error;
    }
    return assert.fail("nothing was thrown");
}

test("every case is answered as by the native core", async () => {
    const file = process.env.AUDITVEIL_NATIVE_ANSWERS;
    assert(file, "AUDITVEIL_NATIVE_ANSWERS is what the native core answers: see the top of this file");
    const different = [];
    let count = 0;
    for await (const one of native(file)) {
        const why = difference(auditveil, one);
        count += 1;
        if (why !== undefined) {
            different.push(`${one.name}: ${why}`);
        }
    }
    assert.deepEqual(different, []);
    assert(count > 500, `${count} cases are not all`);
    console.log(`${count} cases and hostile events are equal`);
});

test("an answer says what became of the record", () => {
    const filter = new Filter(POLICY);
    const emitted = filter.process(SECRET);
    assert.deepEqual(Object.keys(emitted).sort(), ["bytes", "outcome"]);
    assert.equal(emitted.outcome, "emitted");
    assert(emitted.bytes instanceof Uint8Array);
    assert.equal(text(emitted.bytes).includes("requestObject"), false);

    const dropped = filter.process('{"auditID":"7f","stage":"ResponseComplete","verb":"watch"}');
    assert.deepEqual({ ...dropped, bytes: dropped.bytes.length }, { outcome: "dropped", bytes: 0 });

    const stubbed = filter.process("no event");
    assert.deepEqual([stubbed.outcome, stubbed.reason], ["stubbed", "not_an_object"]);

    // An answer is the caller's: the next record does not change it.
    const before = text(emitted.bytes);
    filter.process(event('{"kind":"ConfigMap"}'));
    assert.equal(text(emitted.bytes), before);
});

test("a record may be a string or bytes of any sort", () => {
    const filter = new Filter();
    const bytes = new TextEncoder().encode(SECRET);
    const expected = text(filter.process(SECRET).bytes);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    const inside = new Uint8Array(bytes.length + 20).fill(0x7b);
    inside.set(bytes, 10);
    const elsewhere = runInNewContext("Uint8Array.from(bytes)", { bytes: [...bytes] });
    assert.equal(elsewhere instanceof Uint8Array, false);
    const sorts = [
        bytes, Buffer.from(bytes), shared, inside.subarray(10, 10 + bytes.length), new Uint8ClampedArray(bytes), elsewhere,
    ];
    for (const record of sorts) {
        assert.equal(text(filter.process(record).bytes), expected);
    }
    assert.deepEqual(filter.processBatch(sorts).map(({ bytes }) => text(bytes)), sorts.map(() => expected));
});

test("a batch may be anything that has values", () => {
    const filter = new Filter();
    const outcomes = (records) => filter.processBatch(records).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes([SECRET, "x", Buffer.from(SECRET)]), ["emitted", "stubbed", "emitted"]);
    assert.deepEqual(outcomes(new Set([SECRET])), ["emitted"]);
    assert.deepEqual(outcomes((function* () { yield SECRET; yield ""; })()), ["emitted", "stubbed"]);
    assert.deepEqual(outcomes([]), []);

    for (let index = 0; index < 2_000; index += 1) {
        thrown(() => filter.processBatch([SECRET, 7]));
    }
    const error = thrown(() => filter.processBatch([SECRET, 7]));
    assert.deepEqual([error.constructor, error.code], [TypeError, "argument"]);
    assert.equal(error.message, "records[1]: expected a string or a Uint8Array, found a number");
    for (const records of ["FAKE-text", Buffer.from(SECRET), 7, null, undefined]) {
        assert.match(thrown(() => filter.processBatch(records)).message, /^records: expected an array of records/);
    }
    // What the caller's own code throws comes through, and the filter goes on.
    const broken = (function* () { yield SECRET; throw new Error("the source is gone"); })();
    assert.match(thrown(() => filter.processBatch(broken)).message, /^the source is gone$/);
    const reentrant = (function* () { yield text(filter.process(SECRET).bytes); })();
    assert.deepEqual(outcomes(reentrant), ["emitted"]);
    holds(filter, SECRET, "after all that");
});

test("what is no record is refused and not told", () => {
    const filter = new Filter();
    for (const record of [undefined, null, 7, true, {}, [SECRET], Symbol("FAKE"), new DataView(new ArrayBuffer(8)),
        new Uint16Array(4), new ArrayBuffer(8), () => "FAKE"]) {
        const error = thrown(() => filter.process(record));
        assert(error instanceof TypeError);
        assert.equal(error.code, "argument");
        assert.equal(error.hint, "pass a string or a Uint8Array");
        assert.match(error.message, /^record: expected a string or a Uint8Array, found /);
        assert(!error.message.includes("FAKE"));
    }
    class Lying extends Uint8Array {
        get byteLength() { return 3; }
    }
    assert(thrown(() => filter.process(new Lying(SECRET.length))) instanceof RangeError);
    class Throwing extends Uint8Array {
        get byteLength() { throw new Error("no length"); }
    }
    assert.match(thrown(() => filter.process(new Throwing(3))).message, /^no length$/);
    // A buffer that was given away is empty.
    const given = new Uint8Array(Buffer.from(SECRET));
    structuredClone(given.buffer, { transfer: [given.buffer] });
    assert.deepEqual(filter.process(given).reason, "empty");
    holds(filter, SECRET, "after all that");
});

test("a configuration that is not valid gives no filter", () => {
    const error = thrown(() => new Filter("input: {other: drop}\nredact:\n  actoin: mask\n"));
    assert(error instanceof Error);
    assert.equal(error.name, "ConfigurationError");
    assert.deepEqual(
        [error.severity, error.code, error.text, error.path, error.line, error.column, error.width],
        ["error", "unknown_key", "configuration", "redact", 3, 3, 6],
    );
    assert.match(error.hint, /action/);
    assert.match(error.message, /^configuration: line 3, column 3: redact: unknown key `actoin`/);
    assert.equal(error.problems.length, 1);
    assert.equal(error.problems[0].message, "unknown key `actoin`");

    const both = thrown(() => new Filter("{}", { policy: "rules: [{level: Metdata}]" }));
    assert.equal(both.text, "policy");
    assert.deepEqual(both.problems, check("{}", { policy: "rules: [{level: Metdata}]" }));

    for (const reason of [undefined, "invalid", "unreadable"]) {
        const stamp = JSON.parse(text(holds(Filter.strictest(reason), SECRET, reason).bytes)).auditveil;
        assert.equal(stamp.configuration, reason ?? "invalid");
    }
    assert.equal(thrown(() => Filter.strictest("other")).code, "argument");
});

test("problems are told with their place", () => {
    assert.deepEqual(check(undefined), []);
    assert.deepEqual(check(""), []);
    assert.deepEqual(check(POLICY), []);
    assert.deepEqual(check(Buffer.from(POLICY)), []);
    const unknown = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  verb: [get]\n";
    const [warning, ...others] = check(unknown);
    assert.deepEqual(others, []);
    assert.deepEqual(
        [warning.severity, warning.code, warning.text, warning.path, warning.line, warning.column],
        ["warning", "unknown_key", "configuration", "rules[0]", 5, 3],
    );
    // Kubernetes takes it, and so does a filter, which keeps what there is to say.
    assert.deepEqual(new Filter(unknown).warnings, [warning]);
    assert.deepEqual(new Filter().warnings, []);
    assert.equal(check(new Uint8Array([0xff, 0xff]))[0].code, "encoding");
    for (const options of [7, "FAKE", new Uint8Array(3)]) {
        assert.match(thrown(() => check("", options)).message, /^options: expected an object, found /);
    }
    assert.equal(thrown(() => check("", { polcy: POLICY })).message, "options: unknown option `polcy`");
    assert.equal(thrown(() => check(7)).message, "configuration: expected a string or a Uint8Array, found a number");
});

test("a key signs and is never shown", () => {
    const signed = (options) => JSON.parse(text(new Filter(HMAC, options).process(SECRET).bytes)).requestObject.stringData;
    const digest = signed({ key: KEY }).password;
    assert.match(digest, /^hmac:k1:[0-9a-f]{32}$/);
    assert.equal(signed({ key: KEY.subarray(0, KEY.length - 1) }).password, digest, "a line end is no part of it");

    const missing = thrown(() => new Filter(HMAC));
    assert.deepEqual([missing.code, missing.path], ["missing", "redact.hmac.key_file"]);
    assert.match(missing.message, /none was given; pass what it holds as the option `key`/);
    assert.deepEqual(check(HMAC).map(({ severity }) => severity), ["warning"]);
    assert.deepEqual(check(HMAC, { key: KEY }), []);

    const all = (error) => JSON.stringify([error.message, error.stack, error.hint, error.problems]);
    for (const key of ["FAKE-5b1f0c7e9a2d4468b3f1e0d9c8b7a695", new TextEncoder().encode("FAKE-short")]) {
        const error = thrown(() => new Filter(HMAC, { key }));
        assert(!all(error).includes("FAKE"), all(error));
        assert(["argument", "value"].includes(error.code));
    }
});

test("hostile records are answered", () => {
    const filter = new Filter();
    const size = 5 << 20;
    const open = new Uint8Array(size).fill(0x5b);
    let state = 1;
    const random = Uint8Array.from({ length: size }, () => (state = (state * 48271) % 2147483647) & 0xff);
    const packed = Uint8Array.from(random);
    packed[0] = 0x81;
    const records = {
        "5 MiB in one string": event(`{"kind":"Secret","data":{"a":"FAKE-${"A".repeat(size)}"}}`),
        "5 MiB of values": event(`{"kind":"Secret","data":{${Array(size / 20).fill('"k":"FAKE-hunter2aa"').join()}}}`),
        "5 MiB of levels": event('{"a":'.repeat(size / 6) + "1" + "}".repeat(size / 6)),
        "5 MiB of brackets": open,
        "5 MiB of escapes": event(`{"kind":"ConfigMap","data":{"a":"${"\\u007b".repeat(size / 6)}"}}`),
        "5 MiB at random": random.fill(0x7b, 0, 1),
        "an event that is cut": SECRET.slice(0, 200),
        "bytes that are not UTF-8": Buffer.concat([Buffer.from('{"verb":"get","a":"'), Buffer.from([0xff, 0xc0, 0xed, 0xa0, 0x80]), Buffer.from('"}')]),
        "halves of surrogate pairs": `{"auditID":"7f","verb":"get","stage":"ResponseComplete","\ud800":"\udc00 \ud83d"}`,
        "a zero character": event('{"a":"\0"}'),
        "nothing": "",
        "no bytes": new Uint8Array(0),
        "a number": "1e400",
        "null": "null",
        "a byte order mark": "\ufeff" + SECRET,
    };
    for (const [name, record] of Object.entries(records)) {
        holds(filter, record, name);
    }
    assert(text(filter.process(records["halves of surrogate pairs"]).bytes).includes('"\ufffd":"\ufffd \ufffd"'));
    // msgpack that makes no sense is answered in msgpack, without a zero byte.
    const { outcome, bytes } = filter.process(packed);
    assert(outcome !== "dropped" && bytes[0] >= 0x80 && !bytes.includes(0));
    // And one that is longer than any record.
    const long = new Uint8Array((64 << 20) + 1).fill(0x7b);
    assert.equal(filter.process(long).reason, "too_large");
});

test("memory does not grow with the number of records, nor with filters that are freed", async () => {
    const { default: init } = auditveil;
    const { memory } = await init();
    const filter = new Filter(HMAC, { key: KEY });
    const records = [SECRET, "", "x", event(`{"kind":"ConfigMap","data":{"a":"${"b".repeat(50_000)}"}}`), Buffer.from(SECRET)];
    const round = (number) => {
        for (let index = 0; index < number; index += 1) {
            filter.process(records[index % records.length]);
        }
        filter.processBatch(records);
        for (let index = 0; index < 20; index += 1) {
            new Filter(HMAC, { key: KEY }).free();
            thrown(() => new Filter("x: 1"));
            thrown(() => filter.process(7));
            check(POLICY);
        }
    };
    round(500);
    const before = memory.buffer.byteLength;
    round(10_000);
    assert.equal(memory.buffer.byteLength, before);
    filter.free();
});

test("the memory for a large record is within bounds", async () => {
    // A module of its own: what other tests used would hide what this takes.
    const { init } = await fresh();
    const { Filter, memory } = init();
    const filter = new Filter();
    filter.process(SECRET);
    const before = memory.buffer.byteLength;
    const pods = Array(4000).fill('{"kind":"Pod","metadata":{"name":"a","labels":{"app":"b"}},"spec":{"nodeName":"c"}}').join();
    const record = Buffer.from(event(`{"kind":"List","items":[${pods}]}`));
    for (let index = 0; index < 50; index += 1) {
        filter.process(record.subarray(0, record.length - 50 + index));
    }
    const took = memory.buffer.byteLength - before;
    console.log(`${record.length} bytes took ${took}`);
    assert(took <= 3 * record.length + (1 << 20), `${took}`);
});

/** The package once more, with a memory of its own. */
async function fresh() {
    const glue = await import(`file://${resolve(folder, "auditveil.js")}?fresh`);
    const module = readFileSync(resolve(folder, "auditveil_bg.wasm"));
    return { init: () => ({ ...glue, memory: glue.initSync({ module }).memory }) };
}

test("a filter that is freed is gone, and says so", () => {
    const filter = new Filter();
    filter.process(SECRET);
    filter.free();
    // Often enough to use up what each of these calls would leave behind in the module, if it got there.
    for (let index = 0; index < 20_000; index += 1) {
        assert(thrown(() => filter.process(SECRET)) instanceof Error);
        assert(thrown(() => filter.free()) instanceof Error);
    }
    if (Symbol.dispose !== undefined) {
        const other = new Filter();
        other[Symbol.dispose]();
        assert(thrown(() => other.process(SECRET)) instanceof Error);
    }
    holds(new Filter(), SECRET, "another filter");
});

test("the package says what it is", async () => {
    const manifest = JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8"));
    const packed = new Set(manifest.files);
    for (const file of ["auditveil.js", "auditveil.d.ts", "auditveil_bg.wasm", "node.js", "README.md", "LICENSE"]) {
        assert(packed.has(file) && readFileSync(resolve(folder, file)).length > 0, file);
    }
    assert.deepEqual(version(), { auditveil: manifest.version, stamp: "1" });
    const stamp = JSON.parse(text(new Filter().process(SECRET).bytes)).auditveil;
    assert.equal(stamp.version, version().stamp);
    // The module imports nothing but the functions beside it: no files, no network, no clock.
    const module = new WebAssembly.Module(readFileSync(resolve(folder, "auditveil_bg.wasm")));
    assert.deepEqual([...new Set(WebAssembly.Module.imports(module).map(({ module }) => module))], ["./auditveil_bg.js"]);
    assert.equal((await import(`file://${resolve(folder, "node.js")}`)).Filter, Filter);
});

test("the README's example is what the package does", async () => {
    const readme = readFileSync(resolve(folder, "README.md"), "utf8");
    const [, code] = readme.match(/```js\n(.*?)```/s);
    const expected = code.split("\n").filter((line) => /^\/\/ +[{"]/.test(line)).map((line) => line.replace(/^\/\/ +/, ""));
    assert.equal(expected.length, 2);
    // The names of the import, as this file has them.
    const body = code.replace(/^import .*$/m, "") + "\nreturn { outcome, bytes };";
    const AsyncFunction = (async () => {}).constructor;
    const { outcome, bytes } = await new AsyncFunction("init", "Filter", body)(auditveil.default, Filter);
    assert.deepEqual([outcome, text(bytes)], ["emitted", expected.join("")]);
});

test("code that requires it gets the same package", (context) => {
    if (!process.features.require_module) {
        context.skip("this Node cannot require ES modules");
        return;
    }
    assert.equal(createRequire(import.meta.url)(resolve(folder, "node.js")).Filter, Filter);
});
