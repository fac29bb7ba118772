//! What a shipper calls for each record: a host of the component that always has an answer.
//!
//! The other half of the example of `docs/embedding.md`: what to do when an instance traps, or none can be had.

use crate::component::{
    Answer, Component, Fault, Files, Format, Instance, Limits, NotStarted, Outcome, StubReason,
};

/// What goes on in place of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed {
    /// This event.
    Event(Vec<u8>),
    /// Nothing: the policy asks for that.
    Nothing,
}

/// What is passed on where not even a stub can be made: the component itself is at fault.
pub const LAST_RESORT: &[u8] = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditveil":{"version":"1","stub":{"reason":"out_of_memory","length":0}}}"#;

/// Records longer than this are asked room for before they are placed.
const LARGE: usize = 1 << 20;

/// A filter for one thread.
#[derive(Debug)]
pub struct Worker {
    component: Component,
    files: Files,
    limits: Limits,
    /// None after a trap.
    instance: Option<Instance>,
    traps: u64,
}

impl Worker {
    /// A worker with a configuration.
    ///
    /// # Errors
    ///
    /// As [`Component::start`]: a shipper says so and does not start.
    pub fn new(component: &Component, files: &Files, limits: Limits) -> Result<Self, NotStarted> {
        let instance = Some(component.start(files, limits)?);
        Ok(Worker { component: component.clone(), files: files.clone(), limits, instance, traps: 0 })
    }

    /// Filters one record.
    pub fn filter(&mut self, record: &[u8]) -> Passed {
        match self.answer(record) {
            Some(Answer::Emitted(event)) => Passed::Event(event),
            Some(Answer::Dropped) => Passed::Nothing,
            Some(Answer::Stubbed(stub)) if !stub.event.is_empty() => Passed::Event(stub.event),
            Some(Answer::Stubbed(_)) | None => Passed::Event(self.stub(record)),
        }
    }

    /// Filters several records at once; the answers are those of [`filter`](Worker::filter).
    pub fn filter_batch(&mut self, records: &[&[u8]]) -> Vec<Passed> {
        match self.batch(records) {
            Some(answers) => answers,
            // There was no memory for all, or one of them is at fault: only that one becomes a stub.
            None => records.iter().map(|record| self.filter(record)).collect(),
        }
    }

    /// Works within other limits from the next record on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        self.instance = None;
    }

    /// How many instances had to be thrown away.
    pub fn traps(&self) -> u64 {
        self.traps
    }

    /// The instance in use, for its figures.
    pub fn instance(&self) -> Option<&Instance> {
        self.instance.as_ref()
    }

    /// What the component answers; `None` if it cannot.
    fn answer(&mut self, record: &[u8]) -> Option<Answer> {
        if record.len() > LARGE && !self.has_room(record.len()) {
            return None;
        }
        self.call(|instance| instance.process(record).ok())
    }

    fn batch(&mut self, records: &[&[u8]]) -> Option<Vec<Passed>> {
        let bytes = records.concat();
        let lengths: Vec<u32> =
            records.iter().map(|record| u32::try_from(record.len())).collect::<Result<_, _>>().ok()?;
        if bytes.len() > LARGE && !self.has_room(bytes.len() + 8 * lengths.len()) {
            return None;
        }
        let batch = self.call(|instance| instance.process_batch(&bytes, &lengths).ok())?.ok()?;
        let mut begin = 0;
        let mut passed = Vec::with_capacity(records.len());
        for answered in &batch.records {
            let end = answered.end as usize;
            let event = batch.answers.get(begin..end)?;
            passed.push(match answered.outcome {
                Outcome::Dropped => Passed::Nothing,
                Outcome::Emitted | Outcome::Stubbed(_) if event.is_empty() => return None,
                Outcome::Emitted | Outcome::Stubbed(_) => Passed::Event(event.to_vec()),
            });
            begin = end;
        }
        (passed.len() == records.len()).then_some(passed)
    }

    /// Whether a record of this length can be placed.
    fn has_room(&mut self, bytes: usize) -> bool {
        u32::try_from(bytes).is_ok_and(|bytes| {
            self.call(|instance| instance.make_room(bytes).ok()).is_some_and(|has_room| has_room)
        })
    }

    /// Calls the instance, or a new one where the last was thrown away. `None` is a trap, and throws it away.
    fn call<T>(&mut self, call: impl FnOnce(&mut Instance) -> Option<T>) -> Option<T> {
        if self.instance.is_none() {
            self.instance = self.component.start(&self.files, self.limits).ok();
        }
        let result = call(self.instance.as_mut()?);
        if result.is_none() {
            self.traps += 1;
            self.instance = None;
        }
        result
    }

    /// What is passed on in place of a record that the component has no answer to: a stub that a new instance makes.
    fn stub(&mut self, record: &[u8]) -> Vec<u8> {
        let packed = record.first().is_some_and(|first| *first >= 0x80);
        let format = if packed { Format::Msgpack } else { Format::Json };
        let make = |instance: &mut Instance| {
            instance.stub(StubReason::OutOfMemory, record.len() as u64, format).ok()
        };
        let stub = self.call(make).or_else(|| {
            // The configuration fitted once; an instance without one takes less.
            make(&mut self.component.start_strictest(Fault::Unreadable, self.limits).ok()?)
        });
        stub.filter(|stub| !stub.is_empty()).unwrap_or_else(|| LAST_RESORT.to_vec())
    }
}
