/**
 * Keys that secretlint's recommended rules miss, or know only in a longer form. If a pattern has a group, that is the secret.
 */
export const KEY_PATTERNS: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  {
    kind: "private key",
    pattern:
      /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]{20,}?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
  },
  { kind: "private key", pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/g },
  { kind: "API key", pattern: /(?<![\w-])sk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]+-|or-v1-|lf-)?[\w-]{20,}/g },
  { kind: "AWS access key", pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g },
  {
    kind: "AWS secret key",
    pattern: /aws_?secret_?(?:access_?)?key["']?\s*[:=]\s*["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  },
  { kind: "Google API key", pattern: /\bAIza[\w-]{35}(?![\w-])/g },
  { kind: "Google OAuth token", pattern: /\bya29\.[\w-]{20,}/g },
  { kind: "GitHub token", pattern: /\b(?:gh[pousr]_\w{36,}|github_pat_\w{40,})\b/g },
  { kind: "GitLab token", pattern: /\bgl(?:pat|dt|rt|ptt|oas)-[\w-]{20,}/g },
  { kind: "Slack token", pattern: /\bxox[abeoprs]-[\w-]{10,}|https:\/\/hooks\.slack\.com\/services\/[\w/]{20,}/g },
  { kind: "Stripe key", pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}\b/g },
  { kind: "Hugging Face token", pattern: /\bhf_[A-Za-z0-9]{30,}\b/g },
  { kind: "Groq key", pattern: /\bgsk_[A-Za-z0-9]{40,}\b/g },
  { kind: "xAI key", pattern: /\bxai-[A-Za-z0-9]{40,}\b/g },
  { kind: "Replicate token", pattern: /\br8_[A-Za-z0-9]{30,}\b/g },
  { kind: "PyPI token", pattern: /\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}/g },
  { kind: "SendGrid key", pattern: /\bSG\.[\w-]{16,}\.[\w-]{16,}/g },
  { kind: "Twilio key", pattern: /\bSK[0-9a-f]{32}\b/g },
  { kind: "Mailgun key", pattern: /\bkey-[0-9a-f]{32}\b/g },
  { kind: "DigitalOcean token", pattern: /\bdo[oprt]_v1_[0-9a-f]{64}\b/g },
  { kind: "Telegram bot token", pattern: /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g },
  { kind: "Discord token", pattern: /\b[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,}/g },
  { kind: "Azure storage key", pattern: /AccountKey=([A-Za-z0-9+/]{80,}={0,2})/g },
  { kind: "JSON web token", pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g },
  { kind: "bearer token", pattern: /\bbearer\s+([A-Za-z0-9._~+/-]{24,}=*)/gi },
  { kind: "password in a URL", pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:([^\s@/]{3,})@[^\s/]/gi },
];
