//! The program from outside, as a process: its command line, and the demo.

#![cfg(test)]

mod command_line;
mod demo;
