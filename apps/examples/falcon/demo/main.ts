import { createElement, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';

const element = document.getElementById('app');
if (element === null) throw new Error('the page has no element with the id app');
createRoot(element).render(createElement(StrictMode, null, createElement(App)));
