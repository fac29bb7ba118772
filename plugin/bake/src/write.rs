//! Writes a module again, with a configuration in it.
//!
//! Every section is copied as it is but three: the memory begins larger, the data gets a segment more and a
//! descriptor that tells of it, and the count of segments follows. Nothing depends on when or where it is done: the
//! same module and text give the same bytes, and baking into a baked module the same as into the one below.

use auditveil_core::baked::{LENGTH, LONGEST, Text};
use sha2::{Digest as _, Sha256};
use wasm_encoder::{
    ConstExpr, DataCountSection, DataSection, MemorySection, MemoryType, RawSection, SectionId,
};

use crate::module::{Module, PAGE};
use crate::{Error, FLUENT_BIT_FEATURES, validate};

/// The most pages that a 32-bit memory can have.
const MOST_PAGES: u64 = 1 << 16;

impl Module<'_> {
    /// The module with `text` as its configuration, in place of any that it has, and with the key that the
    /// configuration asks for, if it does.
    ///
    /// The text has to be a configuration that is valid for this version; a module that finds another one takes the
    /// strictest. A key makes the module a secret.
    ///
    /// # Errors
    ///
    /// The module is of another version; the text is longer than the module reads, or than fits.
    pub fn bake(&self, text: &str, key: Option<&[u8]>) -> Result<Vec<u8>, Error> {
        let ours = env!("CARGO_PKG_VERSION");
        if self.version != ours {
            return Err(Error::Version { module: self.version.clone(), ours });
        }
        let key = key.unwrap_or_default();
        let content = [text.as_bytes(), key].concat();
        let bytes = content.len();
        if bytes > LONGEST {
            return Err(Error::TooLong { bytes });
        }
        let before = self.baked.as_ref().map_or(self.memory.initial, |baked| baked.pages.start);
        let pages = (bytes as u64).div_ceil(PAGE);
        // What a maximum leaves for records stays the same.
        let room = self.memory.maximum.map(|maximum| maximum.saturating_sub(self.memory.initial));
        let minimum = before.saturating_add(pages);
        let maximum = room.map(|room| minimum.saturating_add(room).min(MOST_PAGES));
        let no_room = || Error::Damaged("its memory is full");
        let address = u32::try_from(before.saturating_mul(PAGE)).map_err(|_| no_room())?;
        if minimum > MOST_PAGES {
            return Err(no_room());
        }
        let number = |length: usize| u32::try_from(length).map_err(|_| Error::TooLong { bytes });
        let (length, key_length) = (number(text.len())?, number(key.len())?);
        let place = Text { address, length, key_length, digest: Sha256::digest(&content).into() };

        let mut module = wasm_encoder::Module::new();
        let data = self.data(&place, content)?;
        for (id, range) in &self.sections {
            if *id == u8::from(SectionId::Memory) {
                let mut memory = MemorySection::new();
                memory.memory(MemoryType {
                    minimum,
                    maximum,
                    memory64: false,
                    shared: false,
                    page_size_log2: None,
                });
                module.section(&memory);
            } else if *id == u8::from(SectionId::Data) {
                module.section(&data);
            } else if *id == u8::from(SectionId::DataCount) {
                module.section(&DataCountSection { count: data.len() });
            } else {
                let data = self.bytes.get(range.clone()).unwrap_or_default();
                module.section(&RawSection { id: *id, data });
            }
        }
        let baked = module.finish();
        self.check(&baked, text, key)?;
        Ok(baked)
    }

    /// The segments of the module itself, its descriptor filled, and the text.
    fn data(&self, place: &Text, content: Vec<u8>) -> Result<DataSection, Error> {
        let end = self.baked.as_ref().map_or(u64::MAX, |baked| baked.pages.start.saturating_mul(PAGE));
        let (described, at) = self.descriptor;
        let mut section = DataSection::new();
        for (index, segment) in self.segments.iter().enumerate() {
            if segment.address >= end {
                continue;
            }
            let mut whole = segment.whole.to_vec();
            if index == described {
                // The data is the end of the segment.
                let at = whole.len().saturating_sub(segment.data.len()).saturating_add(at);
                let descriptor = whole
                    .get_mut(at..)
                    .and_then(<[u8]>::first_chunk_mut::<LENGTH>)
                    .ok_or(Error::Damaged("its descriptor is not in its data"))?;
                place.write(descriptor);
            }
            section.raw(&whole);
        }
        section.active(0, &ConstExpr::i32_const(place.address.cast_signed()), content);
        Ok(section)
    }

    /// Reads back what was written: it is about to replace the guard of somebody's secrets.
    fn check(&self, baked: &[u8], text: &str, key: &[u8]) -> Result<(), Error> {
        let engine_takes_it = |module| validate(module, FLUENT_BIT_FEATURES).is_ok();
        let read = Module::read(baked)?;
        let expected = (text.as_bytes(), key);
        let told = read.baked.is_some_and(|baked| baked.intact && (baked.text, baked.key) == expected);
        if told && (engine_takes_it(baked) || !engine_takes_it(self.bytes)) {
            return Ok(());
        }
        Err(Error::Damaged("it is no longer valid with a configuration in it"))
    }
}
