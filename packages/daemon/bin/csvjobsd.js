#!/usr/bin/env node
// Not the compiled file itself: npm links programs before anything is built, and only those that are there.
import '../dist/main.js';
