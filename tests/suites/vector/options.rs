//! Names of options, as they stand in the sources of Vector 0.58.0 (commit c3445d42d2).
//!
//! Vector refuses a file with a name that it does not know, but for those of a sink's `encoding` and of `framing`, which it
//! ignores. Where in its sources each table comes from stands beside it. Left out is what is deprecated.

/// What stands where. The type of a component stands in the place of its name.
pub(crate) const NAMES: [(&str, &[&str]); 16] = [
    // src/config/builder.rs, lib/vector-core/src/config/global_options.rs
    ("", &["data_dir", "timezone", "sources", "transforms", "sinks"]),
    // src/sources/exec/mod.rs
    (
        "sources.exec",
        &[
            "type",
            "mode",
            "scheduled",
            "streaming",
            "command",
            "environment",
            "clear_environment",
            "working_directory",
            "include_stderr",
            "maximum_buffer_size_bytes",
            "framing",
            "decoding",
        ],
    ),
    ("sources.exec.streaming", &["respawn_on_exit", "respawn_interval_secs"]),
    // lib/codecs/src/decoding/mod.rs, lib/codecs/src/decoding/framing/newline_delimited.rs
    ("sources.exec.framing", &["method", "newline_delimited"]),
    ("sources.exec.framing.newline_delimited", &["max_length", "oversized_action"]),
    ("sources.exec.decoding", &["codec"]),
    // src/sources/file.rs
    (
        "sources.file",
        &[
            "type",
            "include",
            "exclude",
            "file_key",
            "ignore_checkpoints",
            "read_from",
            "ignore_older_secs",
            "max_line_bytes",
            "host_key",
            "data_dir",
            "offset_key",
            "glob_minimum_cooldown_ms",
            "fingerprint",
            "ignore_not_found",
            "multiline",
            "max_read_bytes",
            "oldest_first",
            "remove_after_secs",
            "line_delimiter",
            "encoding",
            "acknowledgements",
            "internal_metrics",
            "rotate_wait_secs",
        ],
    ),
    ("sources.file.fingerprint", &["strategy", "ignored_header_bytes", "lines"]),
    // src/transforms/remap.rs; `inputs` of every transform and sink: src/config/transform.rs, src/config/sink.rs
    (
        "transforms.remap",
        &[
            "type",
            "inputs",
            "source",
            "file",
            "files",
            "metric_tag_values",
            "timezone",
            "drop_on_error",
            "drop_on_abort",
            "reroute_dropped",
        ],
    ),
    // src/transforms/filter.rs
    ("transforms.filter", &["type", "inputs", "condition"]),
    // src/sinks/file/mod.rs, src/config/sink.rs
    (
        "sinks.file",
        &[
            "type",
            "inputs",
            "path",
            "base_dir",
            "idle_timeout_secs",
            "framing",
            "encoding",
            "compression",
            "acknowledgements",
            "timezone",
            "internal_metrics",
            "truncate",
            "buffer",
            "healthcheck",
        ],
    ),
    // lib/codecs/src/encoding/config.rs
    ("sinks.file.encoding", &["codec", "only_fields", "except_fields", "timestamp_format"]),
    // lib/vector-core/src/config/mod.rs
    ("sinks.file.acknowledgements", &["enabled"]),
    // lib/vector-buffers/src/config.rs
    ("sinks.file.buffer", &["type", "max_events", "max_size", "when_full"]),
    ("sources.file.acknowledgements", &["enabled"]),
    ("sources.exec.environment", &[]),
];

/// Values that are one of a few.
pub(crate) const CHOICES: [(&str, &[&str]); 8] = [
    ("sources.exec.mode", &["scheduled", "streaming"]),
    (
        "sources.exec.framing.method",
        &["bytes", "character_delimited", "length_delimited", "newline_delimited", "octet_counting"],
    ),
    ("sources.exec.decoding.codec", &["bytes", "json", "syslog", "vrl"]),
    ("sources.file.read_from", &["beginning", "end"]),
    ("sources.file.fingerprint.strategy", &["checksum", "device_and_inode"]),
    ("sinks.file.encoding.codec", &["json", "logfmt", "raw_message", "text"]),
    ("sinks.file.buffer.type", &["memory", "disk"]),
    ("sinks.file.buffer.when_full", &["block", "drop_newest", "overflow"]),
];
