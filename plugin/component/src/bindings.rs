//! What wit-bindgen makes of `wit/audit.wit`: types, traits, and the exports with the `unsafe` that they need.

#![expect(unsafe_code, reason = "generated from the interface, by a macro")]

use crate::Component;

wit_bindgen::generate!({
    world: "plugin",
    path: "wit",
    // Nothing here is made by C, so there is nothing to be constructed before the first call.
    disable_run_ctors_once_workaround: true,
});

export!(Component with_types_in self);
