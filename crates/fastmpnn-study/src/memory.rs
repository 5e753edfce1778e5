//! Memory as the system reports it; only on Linux.

use std::fs;

/// The most memory this process has had so far, MB (10⁶ bytes).
pub fn peak_of_process() -> Option<f64> {
    kilobytes(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM:").map(|size| size * 1024.0 / 1e6)
}

/// The memory available to new programs, bytes.
pub fn available() -> Option<u64> {
    kilobytes(&fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:").map(|size| size as u64 * 1024)
}

/// The total memory, bytes.
pub fn total() -> Option<u64> {
    kilobytes(&fs::read_to_string("/proc/meminfo").ok()?, "MemTotal:").map(|size| size as u64 * 1024)
}

/// The most memory that another process has had so far, MB (10⁶ bytes).
pub fn peak_of(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    kilobytes(&status, "VmHWM:").map(|size| size * 1024.0 / 1e6)
}

/// The value of a line `Name:  123 kB`.
fn kilobytes(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix("kB")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_name() {
        let text = "VmPeak:\t  999 kB\nVmHWM:\t   7124 kB\nThreads:\t1\n";
        assert_eq!(kilobytes(text, "VmHWM:"), Some(7124.0));
        assert_eq!(kilobytes(text, "Threads:"), None);
    }
}
