//! Downloads a file: verified, resumed after a break, and either complete or absent.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};
use thiserror::Error;
use ureq::Agent;
use ureq::http::Response;
use ureq::http::header::{CONTENT_RANGE, RANGE};

/// A file to fetch.
#[derive(Clone, Debug)]
pub(crate) struct Download<'a> {
    pub(crate) address: &'a str,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// Its SHA-256 in lower-case hexadecimal.
    pub(crate) sha256: &'a str,
    pub(crate) destination: &'a Path,
}

/// Why a file was not fetched.
#[derive(Debug, Error)]
pub(crate) enum DownloadError {
    /// The server refused the request.
    #[error("{address}: the server answers {status}")]
    Refused { address: String, status: String },
    /// The server cannot be reached, or stopped sending.
    #[error("{address}: the download failed: {reason}{}", and_kept(*kept))]
    Interrupted { address: String, reason: String, kept: u64 },
    /// The content is not the published file.
    #[error("{address}: not the published file: {reason}")]
    WrongContent { address: String, reason: String },
    /// Another process is downloading the file.
    #[error("{path}: another process is downloading it")]
    Busy { path: String },
    /// The file could not be written.
    #[error("{path} cannot be written: {source}")]
    Writing { path: String, source: io::Error },
}

fn and_kept(bytes: u64) -> String {
    if bytes == 0 {
        String::new()
    } else {
        format!("; the {bytes} bytes received are kept, and the next try continues there")
    }
}

/// The total number of times that a broken connection is resumed.
const TRIES: u32 = 3;

/// The extension of an incomplete file.
const UNFINISHED: &str = "part";

/// An HTTPS client with its own list of certificate authorities, the proxy from the environment, and timeouts.
pub(crate) fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("fastmpnn/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(Duration::from_secs(30)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .timeout_per_read(Some(Duration::from_secs(60)));
    config.build().new_agent()
}

/// How one connection ended.
enum Outcome {
    /// The file is complete.
    Whole,
    /// The bytes kept so far are not the beginning of the server's file.
    StartAgain,
    Broken(String),
}

impl Download<'_> {
    /// Fetches the file; `progress` is called from time to time with the number of bytes so far.
    pub(crate) fn run(&self, agent: &Agent, mut progress: impl FnMut(u64)) -> Result<(), DownloadError> {
        let part = self.destination.with_extension(UNFINISHED);
        let made = folders_to_make(&part);
        let result = self.fetch(&part, agent, &mut progress);
        if result.as_ref().is_err_and(|error| !matches!(error, DownloadError::Busy { .. })) {
            remove_if_empty(&part, &made);
        }
        result
    }

    fn fetch(&self, part: &Path, agent: &Agent, progress: &mut impl FnMut(u64)) -> Result<(), DownloadError> {
        let writing = |source| DownloadError::Writing { path: part.display().to_string(), source };
        if let Some(folder) = part.parent() {
            fs::create_dir_all(folder).map_err(writing)?;
        }
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(part);
        let mut file = options.map_err(writing)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DownloadError::Busy { path: part.display().to_string() });
            }
            // Not every file system has locks. Without one, two processes at once end in an error of the SHA-256, which
            // does no harm.
            Err(TryLockError::Error(_)) => {}
        }
        let left_over = file.metadata().map_err(writing)?.len() > 0;
        self.fill(agent, &mut file, progress)?;
        let mut found = self.digest(&mut file).map_err(writing)?;
        if found != self.sha256 && left_over {
            // Bytes from an earlier day may be those of another file.
            file.set_len(0).map_err(writing)?;
            self.fill(agent, &mut file, progress)?;
            found = self.digest(&mut file).map_err(writing)?;
        }
        if found != self.sha256 {
            file.set_len(0).map_err(writing)?;
            let reason = format!("its SHA-256 is {found}, not {}", self.sha256);
            return Err(DownloadError::WrongContent { address: self.address.to_owned(), reason });
        }
        file.sync_all().map_err(writing)?;
        // Some systems cannot rename an open file.
        drop(file);
        fs::rename(part, self.destination).map_err(writing)
    }

    /// Downloads until the file has its size.
    fn fill(&self, agent: &Agent, file: &mut File, progress: &mut impl FnMut(u64)) -> Result<(), DownloadError> {
        let mut reason = String::new();
        let mut broken = 0;
        while broken < TRIES {
            match self.connect(agent, file, progress)? {
                Outcome::Whole => return Ok(()),
                Outcome::StartAgain => {
                    file.set_len(0).map_err(|source| self.writing(source))?;
                    "the server does not send the rest of the file".clone_into(&mut reason);
                }
                Outcome::Broken(why) => reason = why,
            }
            broken += 1;
        }
        let kept = file.metadata().map_or(0, |metadata| metadata.len());
        Err(DownloadError::Interrupted { address: self.address.to_owned(), reason, kept })
    }

    /// Downloads over one connection.
    fn connect(
        &self,
        agent: &Agent,
        file: &mut File,
        progress: &mut impl FnMut(u64),
    ) -> Result<Outcome, DownloadError> {
        let have = file.seek(SeekFrom::End(0)).map_err(|source| self.writing(source))?;
        if have == self.bytes {
            return Ok(Outcome::Whole);
        }
        if have > self.bytes {
            return Ok(Outcome::StartAgain);
        }
        let mut request = agent.get(self.address);
        if have > 0 {
            request = request.header(RANGE, format!("bytes={have}-"));
        }
        let mut response = match request.call() {
            Ok(response) => response,
            Err(error @ (ureq::Error::BadUri(_) | ureq::Error::Http(_))) => {
                return Err(DownloadError::Refused { address: self.address.to_owned(), status: error.to_string() });
            }
            Err(error) => return Ok(Outcome::Broken(error.to_string())),
        };
        let start = match response.status().as_u16() {
            200 => 0,
            206 if continues(&response, have) => have,
            206 | 416 => return Ok(Outcome::StartAgain),
            // The server is overloaded or restarted: worth another try.
            500..=599 => return Ok(Outcome::Broken(format!("the server answers {}", response.status()))),
            _ => {
                let status = response.status().to_string();
                return Err(DownloadError::Refused { address: self.address.to_owned(), status });
            }
        };
        if let Some(length) = response.body().content_length()
            && start + length != self.bytes
        {
            let reason = format!("it has {} bytes, not {}", start + length, self.bytes);
            return Err(DownloadError::WrongContent { address: self.address.to_owned(), reason });
        }
        file.set_len(start).and_then(|()| file.seek(SeekFrom::Start(start))).map_err(|source| self.writing(source))?;
        let mut body = response.body_mut().as_reader();
        let (mut have, mut buffer) = (start, vec![0; 1 << 16]);
        while have < self.bytes {
            progress(have);
            let most = buffer.len().min(usize::try_from(self.bytes - have).unwrap_or(usize::MAX));
            match body.read(&mut buffer[..most]) {
                Ok(0) => return Ok(Outcome::Broken(format!("it ended after {have} of {} bytes", self.bytes))),
                Ok(count) => {
                    file.write_all(&buffer[..count]).map_err(|source| self.writing(source))?;
                    have += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Ok(Outcome::Broken(error.to_string())),
            }
        }
        progress(have);
        Ok(Outcome::Whole)
    }

    fn digest(&self, file: &mut File) -> io::Result<String> {
        file.rewind()?;
        let mut hasher = Sha256::new();
        io::copy(file, &mut hasher)?;
        Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn writing(&self, source: io::Error) -> DownloadError {
        DownloadError::Writing { path: self.destination.display().to_string(), source }
    }
}

/// The missing folders above a file, the innermost first.
fn folders_to_make(file: &Path) -> Vec<&Path> {
    let folders = file.ancestors().skip(1);
    folders.take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect()
}

/// Removes the file and folders made for a download that received nothing. Received bytes are kept.
fn remove_if_empty(part: &Path, made: &[&Path]) {
    if part.metadata().is_ok_and(|metadata| metadata.len() > 0) {
        return;
    }
    // Failing to remove them does no harm; a folder that is not empty stays.
    let _ = fs::remove_file(part);
    for folder in made {
        let _ = fs::remove_dir(folder);
    }
}

/// Whether a partial answer begins at that byte: `Content-Range: bytes 100-199/200`.
fn continues(response: &Response<ureq::Body>, have: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {have}-")))
}

#[cfg(test)]
mod tests;
