/** Text, as a string or as its bytes in UTF-8. */
export type Text = string | Uint8Array;

/** What belongs to a configuration and stands in files of its own elsewhere. */
export interface Options {
    /** The content of `audit-policy.yaml`: an audit policy as the API server reads it. The configuration must have none then. */
    policy?: Text | null;
    /**
     * What the file holds that the configuration names as `redact.hmac.key_file`. It is copied into the module's memory; no
     * message, no error and no stamp shows it. Overwrite your copy when you no longer need it.
     */
    key?: Uint8Array | null;
}

/** What became of a record. */
export type Answer =
    /** The bytes are the event. */
    | { outcome: "emitted"; reason?: undefined; bytes: Uint8Array }
    /** The policy asked for the record to be dropped; there are no bytes. */
    | { outcome: "dropped"; reason?: undefined; bytes: Uint8Array }
    /** The record was no event, or could not be read; the bytes are a stub that says why. */
    | { outcome: "stubbed"; reason: StubReason; bytes: Uint8Array };

/** Why a record became a stub. */
export type StubReason = "empty" | "not_an_object" | "compressed" | "too_large" | "out_of_memory";

/** What sort of mistake a problem is. */
export type ProblemCode =
    /** The text is not Unicode, or holds control characters. */
    | "encoding"
    /** The text is neither YAML nor JSON. */
    | "syntax"
    /** A value has another type than its key asks for. */
    | "type"
    /** A value has the right type and is none of those that are allowed. */
    | "value"
    /** Something that has to be there is not, a key among it. */
    | "missing"
    /** Nothing has this key. */
    | "unknown_key"
    /** A key stands twice. */
    | "repeated_key"
    /** The schema, or its version, is not the one that is read here. */
    | "version"
    /** The text is too long, too deep, or grows too much through aliases. */
    | "limit";

/** Something that is wrong with a configuration or a policy, or worth a look. */
export interface Problem {
    /** `error`: the text is refused for it. `warning`: Kubernetes accepts it, and hardly anybody means it. */
    severity: "error" | "warning";
    code: ProblemCode;
    /** In which text: the first argument, or the option `policy`. */
    text: "configuration" | "policy";
    /** The keys that lead to it, such as `rules[0].level`; empty for the text as a whole. */
    path: string;
    /** Counted from 1. */
    line: number;
    /** Counted from 1, in characters. */
    column: number;
    /** How many characters of the line are meant. */
    width: number;
    /** What was expected and what was found, without the place. */
    message: string;
    /** What was probably meant, or what to do about it. */
    hint?: string;
}

/**
 * Thrown for a configuration that is not valid; its `name` is `ConfigurationError`. The fields are those of its first
 * problem, but for `message`, which tells every error with its place.
 */
export interface ConfigurationError extends Error, Problem {
    name: "ConfigurationError";
    message: string;
    /** Every error, then every warning. */
    problems: Problem[];
}

/** Which version this is. */
export interface Version {
    /** Of the filter. */
    auditveil: string;
    /** Of the stamp at the end of each event, which changes only with its schema. */
    stamp: string;
}
