//! The `auditveil` command.

fn main() {}
