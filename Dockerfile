# The lessons in a container:   docker build --tag tlkit . && docker run --rm --publish 8888:8888 tlkit
# To keep your work, add:       --volume "$PWD/work:/home/learner/tlkit/workspace"
FROM python:3.13-slim
RUN useradd --create-home learner
USER learner
WORKDIR /home/learner/tlkit
ENV PATH=/home/learner/.local/bin:$PATH
COPY --chown=learner . .
RUN pip install --no-cache-dir --user --editable .
EXPOSE 8888
CMD ["tlkit", "lab", "--no-browser", "--", "--ip=0.0.0.0"]
