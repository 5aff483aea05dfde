#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mdm_fuzz::run("session_bytes", data));
