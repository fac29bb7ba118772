//! The data that a module begins with, apart from all else in it.
//!
//! Modules with different configurations baked in differ in their data only. Compiling one takes seconds, so tests
//! compile one of them and start it with the data of the others, which is what an engine does with each.

use wasmparser::{DataKind, Operator, Parser, Payload};

use crate::Error;

/// A module in two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Every section but that of the data, with its id.
    pub rest: Vec<(u8, Vec<u8>)>,
    /// Where in memory each piece of data goes.
    pub data: Vec<(usize, Vec<u8>)>,
}

impl Parts {
    /// Takes a module apart.
    ///
    /// # Errors
    ///
    /// The bytes are no module, or one that does not say where its data goes.
    pub fn of(module: &[u8]) -> Result<Self, Error> {
        let mut parts = Parts { rest: Vec::new(), data: Vec::new() };
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            let section = payload.as_section();
            if let Payload::DataSection(segments) = payload {
                for segment in segments {
                    let segment = segment?;
                    let DataKind::Active { memory_index: 0, offset_expr } = &segment.kind else {
                        return Err(Error::new("data that goes nowhere by itself"));
                    };
                    let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
                        return Err(Error::new("data whose place is computed"));
                    };
                    parts.data.push((value.cast_unsigned() as usize, segment.data.to_vec()));
                }
            } else if let Some((id, range)) = section {
                let section = module.get(range.start as usize..range.end as usize);
                parts.rest.push((id, section.unwrap_or_default().to_vec()));
            }
        }
        Ok(parts)
    }

    /// Fills the memory of an instance that has not run yet.
    ///
    /// # Errors
    ///
    /// The data does not fit into it.
    pub fn fill(&self, memory: &mut [u8]) -> Result<(), Error> {
        memory.fill(0);
        for (address, data) in &self.data {
            memory
                .get_mut(*address..)
                .and_then(|memory| memory.get_mut(..data.len()))
                .ok_or_else(|| Error::new("data outside of the memory"))?
                .copy_from_slice(data);
        }
        Ok(())
    }
}
