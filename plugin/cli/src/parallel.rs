//! Filtering on several threads: the same bytes in the same order as on one.
//!
//! ```text
//! this thread            workers, each with a filter of its own        writer
//! blocks of lines  --->  1st, 4th, 7th block ... -------------------->  one answer from each
//!                  --->  2nd, 5th ...        -------------------->      in turn, so in order
//!                  --->  3rd, 6th ...        -------------------->
//! ```
//!
//! Every arrow is a queue with room for one block, so memory is bounded: each worker has one block waiting, one at
//! work and one answered, and whoever is ahead waits. Blocks are as long as what was read at once, or as one
//! record that is longer.

use crate::records::{Count, Records};
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What answers are written to.
pub(crate) type Output = Box<dyn Write + Send>;

/// How often somebody who waits for the writer looks whether it still lives.
const LOOK: Duration = Duration::from_millis(100);

/// How many blocks were answered and the answers written.
#[derive(Debug, Default)]
struct Written {
    blocks: Mutex<u64>,
    more: Condvar,
}

/// Threads that filter, and one that writes.
#[derive(Debug)]
pub(crate) struct Pool {
    workers: Vec<SyncSender<Vec<u8>>>,
    /// Whose turn it is.
    next: usize,
    /// How many blocks were handed out.
    handed: u64,
    written: Arc<Written>,
    writer: JoinHandle<()>,
    counting: Vec<JoinHandle<Count>>,
}

impl Pool {
    /// Starts a thread for each of `records` and the writer. That calls `failed` when it cannot write.
    pub(crate) fn start(
        records: Vec<Records>,
        output: Output,
        failed: impl FnOnce(io::Error) + Send + 'static,
    ) -> Self {
        let (mut workers, mut answered, mut counting) = (Vec::new(), Vec::new(), Vec::new());
        for records in records {
            let (to_worker, blocks) = sync_channel(1);
            let (to_writer, answers) = sync_channel(1);
            workers.push(to_worker);
            answered.push(answers);
            counting.push(thread::spawn(move || work(records, &blocks, &to_writer)));
        }
        let written = Arc::new(Written::default());
        let counted = Arc::clone(&written);
        let writer = thread::spawn(move || {
            if let Err(error) = write(&answered, output, &counted) {
                failed(error);
            }
        });
        Pool { workers, next: 0, handed: 0, written, writer, counting }
    }

    /// Hands out whole lines; waits while all threads are busy.
    ///
    /// # Errors
    ///
    /// The thread whose turn it is has ended: answers can no longer be written.
    pub(crate) fn filter(&mut self, block: &[u8]) -> io::Result<()> {
        let worker = self.workers.get(self.next).ok_or_else(ended)?;
        worker.send(block.to_vec()).map_err(|_| ended())?;
        self.next = (self.next + 1) % self.workers.len();
        self.handed += 1;
        Ok(())
    }

    /// Waits until the answers to all that was handed out are written; then goes on.
    ///
    /// # Errors
    ///
    /// A thread ended early.
    pub(crate) fn settle(&self) -> io::Result<()> {
        let mut blocks = self.written.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        while *blocks < self.handed {
            if self.writer.is_finished() {
                return Err(ended());
            }
            let waited = self.written.more.wait_timeout(blocks, LOOK);
            blocks = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// Waits until all has been written.
    ///
    /// # Errors
    ///
    /// A thread ended early.
    pub(crate) fn end(self) -> io::Result<Count> {
        // Each worker ends with its queue, and the writer with the workers.
        drop(self.workers);
        self.writer.join().map_err(|_| ended())?;
        let counts = self.counting.into_iter().map(|worker| worker.join().map_err(|_| ended()));
        counts.reduce(|all, count| Ok(all?.and(count?))).unwrap_or_else(|| Ok(Count::default()))
    }
}

fn ended() -> io::Error {
    io::Error::other("a thread ended early")
}

fn work(mut records: Records, blocks: &Receiver<Vec<u8>>, to_writer: &SyncSender<Vec<u8>>) -> Count {
    for block in blocks {
        let mut answers = Vec::with_capacity(block.len() + block.len() / 8);
        records.filter(&block, &mut answers);
        if to_writer.send(answers).is_err() {
            break;
        }
    }
    records.count()
}

/// Takes from each worker in turn. The first that has ended was given nothing more, and neither was any after it.
fn write(answered: &[Receiver<Vec<u8>>], mut output: Output, written: &Written) -> io::Result<()> {
    for answers in answered.iter().cycle() {
        let Ok(answers) = answers.recv() else { break };
        output.write_all(&answers)?;
        output.flush()?;
        *written.blocks.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        written.more.notify_all();
    }
    Ok(())
}
