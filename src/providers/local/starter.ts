/** What Streamlit shows while the workspace holds no app.py: how to make one, and the app itself as soon as it is there. */

export const STARTER_FILE = 'app.py';

export const STARTER_PROGRAM = `import os
import runpy

import streamlit as st

workspace = os.environ.get("CMBCLUSTER_WORKSPACE", ".")
app = os.path.join(workspace, "app.py")

if os.path.isfile(app):
    runpy.run_path(app, run_name="__main__")
else:
    st.title("Your app goes here")
    st.write("Put a file named app.py at the top of this environment's storage, then press the button.")
    st.code("import streamlit as st\\n\\nst.title('Hello')\\nst.line_chart([1, 4, 2, 8])", language="python")
    st.button("Look again")
`;
