//! The study's tests, in one executable.

mod experiments;
mod made_up;
mod sentences;
