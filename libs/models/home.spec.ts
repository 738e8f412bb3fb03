import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { defaultHome } from './home.js';

test('the home folder follows OUTRIDER_HOME, else the habits of the platform', () => {
  const HOME = '/home/ada';
  assert.equal(defaultHome({ HOME, OUTRIDER_HOME: 'models' }, 'linux'), resolve('models'));
  assert.equal(defaultHome({ HOME }, 'linux'), '/home/ada/.cache/outrider');
  assert.equal(defaultHome({ HOME, XDG_CACHE_HOME: '/var/cache' }, 'linux'), '/var/cache/outrider');
  assert.equal(defaultHome({ HOME, XDG_CACHE_HOME: 'relative' }, 'linux'), '/home/ada/.cache/outrider');
  assert.equal(defaultHome({ HOME }, 'darwin'), '/home/ada/Library/Caches/outrider');
  assert.equal(defaultHome({ LOCALAPPDATA: '/local' }, 'win32'), join('/local', 'outrider'));
});
