//! The built guests under attack: their interfaces, their memory, what they ask of the engine.
//!
//! That it says what the native core says about every case is in `conformance.rs`.

#[cfg(test)]
mod abi;
#[cfg(test)]
mod baked;
#[cfg(test)]
mod component;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod detectors;
mod fuel;
mod linear;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod module;
mod policy_cost;
#[cfg(test)]
mod shared;
#[cfg(test)]
mod wasi_command;
