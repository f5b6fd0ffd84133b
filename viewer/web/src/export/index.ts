// Registers what this feature adds to the page.
export {};
