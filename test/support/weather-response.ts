// A Responses request that offers a function.

export const WEATHER_RESPONSE = {
  model: 'tiny',
  input: 'Rome?',
  tools: [
    {
      type: 'function' as const,
      name: 'weather',
      description: 'Tells the weather.',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
      strict: false,
    },
  ],
};
