/** Rules of this house that no published plugin has. Each has a planted violation in planted-violations.test.mjs. */

const FORBIDDEN_NAMES = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'lib', 'shared']);
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;

const fileName = {
  create(context) {
    return {
      Program(node) {
        const parts = context.filename.split(/[\\/]/);
        const base = parts.at(-1) ?? '';
        const from = parts.lastIndexOf('packages');
        const own = from < 0 ? [base] : parts.slice(from + 1);
        const stems = own.map((part) => part.replace(/(\.spec|\.test|\.config|\.d)?\.(ts|mjs|js|cjs)$/, ''));
        for (const stem of stems) {
          if (FORBIDDEN_NAMES.has(stem))
            context.report({
              node,
              message: `\`${stem}\` names nothing: name what the file or folder holds.`,
            });
        }
        if (!KEBAB.test(stems.at(-1) ?? '')) context.report({ node, message: `File names are kebab-case: \`${base}\`.` });
      },
    };
  },
};

const CONSTANTS = new Set(['Literal', 'TemplateLiteral']);
const isConstant = (node) => node && CONSTANTS.has(node.type) && !(node.expressions?.length > 0);

const noAssertionThatCannotFail = {
  create(context) {
    return {
      CallExpression(node) {
        if (node.callee.name === 'expect' && isConstant(node.arguments[0])) {
          context.report({ node, message: 'An assertion about a constant cannot fail.' });
        }
        const { object, property } = node.callee;
        if (property?.name === 'skip' && ['it', 'test', 'describe'].includes(object?.name) && !context.filename.includes('testing')) {
          context.report({ node, message: 'Skips go through skipUnless, which prints and counts them.' });
        }
      },
    };
  },
};

const noTryInExecutor = {
  create(context) {
    return {
      TryStatement(node) {
        if (node.handler)
          context.report({
            node,
            message: 'defineExecutor turns errors into text: an executor catches nothing.',
          });
      },
    };
  },
};

export const houseRules = {
  rules: {
    'file-name': fileName,
    'no-assertion-that-cannot-fail': noAssertionThatCannotFail,
    'no-try-in-executor': noTryInExecutor,
  },
};
