//! The wasm32-wasip1 filter for Fluent Bit.
