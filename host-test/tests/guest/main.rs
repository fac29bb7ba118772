//! The built guest under attack: its interface, its memory, what it asks of the engine.
//!
//! That it says what the native core says about every case is in `conformance.rs`.

#[cfg(test)]
mod abi;
#[cfg(test)]
mod baked;
#[cfg(test)]
mod configuration;
mod fuel;
mod linear;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod module;
mod policy_cost;
#[cfg(test)]
mod shared;
