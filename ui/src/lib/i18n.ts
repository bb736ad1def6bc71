import resources from '@temporalio/ui/i18n/locales/index';
import i18next from 'i18next';

// At once, not when a page is loaded: components translate while they are being imported.
void i18next.init({
  lng: 'en',
  fallbackLng: 'en',
  ns: Object.keys(resources.en),
  defaultNS: 'common',
  resources,
  initImmediate: false,
  interpolation: { escapeValue: false },
});
