//! Keeps each sample to the goals of its plan while it is drawn.
//!
//! A sample carries a sequence that meets all goals and agrees with every letter drawn so far: its witness. A letter is
//! drawn as always; if the witness does not meet the goals with this letter, a search looks for another completion, and if
//! there is none the letter is masked and the draw repeated among the others. So every sample meets every goal, without
//! being drawn twice, and a letter is masked only where nothing that is still free could make up for it.
//!
//! Masking alone would leave the goals to the letters drawn last, whatever they cost. So the letters are tilted towards
//! the goals from the beginning: each letter's probability is multiplied by an estimate of the probability that the goal
//! is met afterwards, taken from a few pilot designs of the same structure (the [`Guide`]). Where that estimate is right,
//! this draws from the network's distribution given that the goal is met. Where it is wrong, it costs some nats, but no
//! goal.
//!
//! Everything here depends on the sample, its decoding order and the structure alone, so neither do designs depend on
//! anything else. Letters of a level are drawn in the decoding order; a level's come before the next one's.

mod goals;
mod guide;
mod normal;
mod state;
mod tilt;

pub(crate) use goals::Goals;
pub(crate) use guide::{COLDEST, Guide, PILOTS, Pilot};
pub(crate) use state::GoalState;
