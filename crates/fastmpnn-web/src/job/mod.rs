//! Jobs: tasks in a queue, each worked on once, whose results are kept for a while.

mod queue;
mod run;
mod state;

pub(crate) use self::queue::Jobs;
pub(crate) use self::state::{Job, Phase};
