import { render } from 'preact';
import { App } from './app.js';

const root = document.getElementById('docs');
if (root) render(<App />, root);
