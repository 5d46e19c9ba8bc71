"""The page that tries a model in the browser, made with Gradio: a panel for each task, and a form for any model."""
