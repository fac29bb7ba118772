#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

extern crate alloc;

mod answer;
pub mod baked;
pub mod config;
mod document;
pub mod embed;
pub mod enrich;
mod event;
mod filter;
pub mod format;
mod json;
mod limits;
pub mod list;
mod memory;
pub mod policy;
mod record;
mod redact;
mod settings;
mod shape;
pub mod tables;

pub use answer::stamp::STAMP_VERSION;
pub use filter::{Filter, Outcome, StubReason};
pub use format::Formatter;
pub use redact::content::FORMATS;
pub use redact::rows::{Class, POSITIONS, Position, Sure, Vrl};
pub use settings::{Fault, Key, LoadedSettings, NoKey, Settings, Source, Unsupported};
pub use shape::Events;
