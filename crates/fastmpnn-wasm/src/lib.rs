//! The engine in WebAssembly: structures and networks as bytes, requests and results as JSON.
//!
//! A [`Program`] is what one thread of a page has. Several of them, each in a Web Worker, share the samples of a request: any
//! division of the numbers makes the same designs as the native program.

mod engines;
mod error;
mod program;
mod records;
mod results;

use wasm_bindgen::prelude::{JsError, wasm_bindgen};

pub use error::ProgramError;
pub use program::Program;

/// A [`Program`] for JavaScript. Every answer is JSON, and every error a sentence.
#[wasm_bindgen(js_name = Program)]
#[derive(Debug, Default)]
pub struct Bound(Program);

#[wasm_bindgen(js_class = Program)]
impl Bound {
    /// Without files and networks.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Bound {
        Bound::default()
    }

    /// The version of the program.
    #[wasm_bindgen]
    pub fn version() -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    /// See [`Program::add_file`].
    #[wasm_bindgen(js_name = addFile)]
    pub fn add_file(&mut self, path: &str, bytes: Vec<u8>) {
        self.0.add_file(path, bytes);
    }

    /// See [`Program::add_checkpoint`].
    #[wasm_bindgen(js_name = addCheckpoint)]
    pub fn add_checkpoint(&mut self, name: &str, bytes: &[u8]) -> Result<String, JsError> {
        answer(self.0.add_checkpoint(name, bytes))
    }

    /// See [`Program::describe`].
    #[wasm_bindgen]
    pub fn describe(&self, request: &str) -> Result<String, JsError> {
        answer(self.0.describe(request))
    }

    /// See [`Program::shown`].
    #[wasm_bindgen]
    pub fn shown(&self, request: &str) -> Result<String, JsError> {
        answer(self.0.shown(request))
    }

    /// See [`Program::plan`].
    #[wasm_bindgen]
    pub fn plan(&mut self, request: &str) -> Result<String, JsError> {
        answer(self.0.plan(request))
    }

    /// See [`Program::design`].
    #[wasm_bindgen]
    pub fn design(&mut self, request: &str, first_sample: u32) -> Result<String, JsError> {
        answer(self.0.design(request, u64::from(first_sample)))
    }

    /// See [`Program::score`].
    #[wasm_bindgen]
    pub fn score(&mut self, request: &str) -> Result<String, JsError> {
        answer(self.0.score(request))
    }

    /// See [`Program::probabilities`].
    #[wasm_bindgen]
    pub fn probabilities(&mut self, request: &str) -> Result<String, JsError> {
        answer(self.0.probabilities(request))
    }

    /// See [`Program::scan`].
    #[wasm_bindgen]
    pub fn scan(&mut self, request: &str) -> Result<String, JsError> {
        answer(self.0.scan(request))
    }

    /// See [`Program::structure_file`].
    #[wasm_bindgen(js_name = structureFile)]
    pub fn structure_file(&mut self, request: &str, sequence: &str, confidence: &[f32]) -> Result<String, JsError> {
        answer(self.0.structure_file(request, sequence, confidence))
    }
}

fn answer(answer: Result<String, ProgramError>) -> Result<String, JsError> {
    answer.map_err(|error| JsError::new(&error.to_string()))
}
